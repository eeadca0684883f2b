import { Command } from 'commander'
import { readSelector } from '../choose-target.ts'
import { examples } from '../options.ts'
import type { Perform } from '../perform.ts'
import { hostsView } from '../views/host-view.ts'

/** `bootfleet hosts`: the fleet, or the part of it that has some tags. */
export function hostsCommand(perform: Perform): Command {
  return new Command('hosts')
    .description('List the hosts, and the agents on them.')
    .option('--tags <k=v,...>', 'only the hosts that have all these tags')
    .addHelpText('after', examples(['bootfleet hosts', 'bootfleet hosts --tags svc=ecs,cmpt=DB', 'bootfleet hosts --json']))
    .action(
      perform<{ readonly tags?: string }>(async ({ api, output }, { tags }) => {
        const hosts = await api.hosts(tags === undefined ? undefined : await readSelector(tags))
        output.answer({ hosts }, (look) => hostsView(hosts, look))
        if (hosts.length === 0) output.say(tags === undefined ? NO_HOSTS : `no host has the tags ${tags}`)
        return 'done'
      }),
    )
}

const NO_HOSTS = 'no host has registered yet: start one with  bootagent -S HOST:PORT  (the address of this server)'
