import { Command } from 'commander'
import { examples, withTarget, withWait } from '../options.ts'
import type { Perform } from '../perform.ts'
import { submitJob, type SubmitOptions } from '../submit-job.ts'

interface UninstallOptions extends SubmitOptions {
  readonly purge?: boolean
}

/** `bootfleet uninstall`: takes an agent off its hosts. */
export function uninstallCommand(perform: Perform): Command {
  return withWait(withTarget(new Command('uninstall')))
    .description('Stop an agent and remove it from its hosts; where it is not, that is well too.')
    .argument('<name>', 'the agent')
    .option('--purge', 'remove its own data as well')
    .addHelpText(
      'after',
      examples(['bootfleet uninstall sample-agent --host web-1 --wait', 'bootfleet uninstall sample-agent --all --purge']),
    )
    .action(
      perform<UninstallOptions>((session, options, name: string) =>
        submitJob(session, { action: 'uninstall', name, ...(options.purge === true ? { purge: true } : {}) }, options),
      ),
    )
}
