import type { CreateJob, JobDetail } from '@bootagent/protocol'
import { chooseTarget, type TargetOptions } from './choose-target.ts'
import type { ExitName } from './exit-codes.ts'
import { type WaitOptions, wishesToWait } from './options.ts'
import type { Session } from './session.ts'
import { jobView } from './views/job-view.ts'
import { waitForJob } from './wait-for-job.ts'

/** The options of every command that makes a job. */
export interface SubmitOptions extends TargetOptions, WaitOptions {}

/** Makes the job for the hosts the options choose, shows it, and waits for it where that is wished. Throws CliError. */
export async function submitJob(session: Session, request: Omit<CreateJob, 'target'>, options: SubmitOptions): Promise<ExitName> {
  return followJob(session, options, async () =>
    session.api.createJob({ ...request, target: await chooseTarget(session.api, options) }),
  )
}

/** Has a job made, shows it, and waits for it where that is wished. Throws CliError. */
export async function followJob(session: Session, options: WaitOptions, make: () => Promise<JobDetail>): Promise<ExitName> {
  const wait = wishesToWait(options)
  const job = await make()
  if (wait) {
    session.output.event({ event: 'created', job }, `made job ${job.id}`)
    return waitForJob(session, job.id, options.timeout)
  }
  session.output.answer(job, (look) => jobView(job, look))
  session.output.say(`see how it goes: ${session.again(`job ${job.id} --wait`)}`)
  return 'done'
}
