import { Tags } from '@bootagent/protocol'
import { Command } from 'commander'
import { CliError } from '../errors.ts'
import { findHost } from '../find-host.ts'
import { examples } from '../options.ts'
import type { Perform } from '../perform.ts'
import { readWith } from '../schema.ts'
import { hostView } from '../views/host-view.ts'

/** `bootfleet host`: one host in full; or, first, other tags for it. */
export function hostCommand(perform: Perform): Command {
  return new Command('host')
    .description('Show one host: its agents, its latest jobs and events. Or set its tags.')
    .argument('<host>', 'its agentsn, the beginning of it, or its hostname')
    .option('--set-tags <k=v,...>', 'replace all its tags; "" removes them')
    .addHelpText('after', examples(['bootfleet host bfdcc18c', 'bootfleet host web-1 --set-tags svc=ecs,cmpt=DB']))
    .action(
      perform<{ readonly setTags?: string }>(async ({ api, output }, { setTags }, name: string) => {
        const tags = setTags === undefined ? undefined : await readTags(setTags)
        const { agentsn } = findHost(name, await api.hosts())
        const host = tags === undefined ? await api.host(agentsn) : await api.setTags(agentsn, tags)
        output.answer(host, (look) => hostView(host, look))
        return 'done'
      }),
    )
}

async function readTags(text: string): Promise<string> {
  const judged = await readWith(Tags, text)
  if ('refused' in judged) throw new CliError('usage', judged.refused)
  return judged.value
}
