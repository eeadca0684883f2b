import { Command, Option } from 'commander'
import { resolveHosts } from '../choose-target.ts'
import { examples, type WaitOptions, withWait } from '../options.ts'
import type { Perform } from '../perform.ts'
import { followJob } from '../submit-job.ts'

interface CancelOptions extends WaitOptions {
  readonly host?: readonly string[]
}

/** `bootfleet cancel`: calls off a job on the hosts that have not ended it. */
export function cancelCommand(perform: Perform): Command {
  return withWait(new Command('cancel'))
    .description('Call off a job on the hosts that have not ended it; a release on trial goes back to the one before.')
    .argument('<job>', 'its id, as `bootfleet jobs` shows it')
    .addOption(new Option('--host <sn...>', 'only on these hosts: agentsn, the beginning of one, or hostname'))
    .addHelpText(
      'after',
      examples([
        'bootfleet cancel ddc8a9b9-55bd-4ddd-b53d-47095ee19466 --wait',
        'bootfleet cancel ddc8a9b9-55bd-4ddd-b53d-47095ee19466 --host web-1 web-2',
      ]),
    )
    .action(
      perform<CancelOptions>((session, options, id: string) =>
        followJob(session, options, async () => {
          const { host } = options
          return session.api.cancelJob(id, host === undefined ? {} : { hosts: await resolveHosts(session.api, host) })
        }),
      ),
    )
}
