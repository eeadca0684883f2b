import { Command } from 'commander'
import { examples } from '../options.ts'
import type { Perform } from '../perform.ts'
import { jobsView } from '../views/job-view.ts'

/** `bootfleet jobs`: what was asked of the fleet lately. */
export function jobsCommand(perform: Perform): Command {
  return new Command('jobs')
    .description('List the latest jobs, newest first.')
    .addHelpText('after', examples(['bootfleet jobs']))
    .action(
      perform(async ({ api, output }) => {
        const jobs = await api.jobs()
        output.answer({ jobs }, (look) => jobsView(jobs, look))
        if (jobs.length === 0) output.say('no jobs yet: make one with  bootfleet install NAME --all')
        return 'done'
      }),
    )
}
