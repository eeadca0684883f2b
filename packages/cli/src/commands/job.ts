import { Command } from 'commander'
import { examples, type WaitOptions, wishesToWait, withWait } from '../options.ts'
import type { Perform } from '../perform.ts'
import { jobView } from '../views/job-view.ts'
import { waitForJob } from '../wait-for-job.ts'

/** `bootfleet job`: where each host is with one job, once or until it is over. */
export function jobCommand(perform: Perform): Command {
  return withWait(new Command('job'))
    .description('Show one job and each of its hosts.')
    .argument('<id>', 'the id, as `bootfleet jobs` shows it')
    .addHelpText('after', examples(['bootfleet job ddc8a9b9-55bd-4ddd-b53d-47095ee19466 --wait']))
    .action(
      perform<WaitOptions>(async (session, options, id: string) => {
        if (wishesToWait(options)) return waitForJob(session, id, options.timeout)
        const job = await session.api.job(id)
        session.output.answer(job, (look) => jobView(job, look))
        return 'done'
      }),
    )
}
