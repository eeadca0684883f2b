import { Command } from 'commander'
import { findHost } from '../find-host.ts'
import { examples } from '../options.ts'
import type { Perform } from '../perform.ts'
import { eventView } from '../views/event-view.ts'

/** `bootfleet event`: all that a host has told of one event. */
export function eventCommand(perform: Perform): Command {
  return new Command('event')
    .description('Show one event with its details, and the last output of the agent it is about.')
    .argument('<id>', 'the id, as `bootfleet events` shows it')
    .requiredOption('--host <sn>', 'the host it happened on: its agentsn, the beginning of it, or its hostname')
    .addHelpText('after', examples(['bootfleet event 3f2a9c1e7b60d41f --host web-1']))
    .action(
      perform<{ readonly host: string }>(async ({ api, output }, { host }, id: string) => {
        const { agentsn } = findHost(host, await api.hosts())
        const event = await api.event(agentsn, id)
        output.answer(event, () => eventView(event))
        return 'done'
      }),
    )
}
