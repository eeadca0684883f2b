import type { JobDetail } from '@bootagent/protocol'
import type { ExitName } from './exit-codes.ts'
import { changesSince, isOver, type Told } from './job-progress.ts'
import { createPatience } from './patience.ts'
import type { Session } from './session.ts'
import { jobView } from './views/job-view.ts'

/** How often the job is looked at. */
const POLL_MS = 1000

/**
 * Looks at the job each second, tells each change, and ends with the result, or after `timeout` seconds without one.
 * Throws CliError.
 */
export async function waitForJob(session: Session, id: string, timeout = Number.POSITIVE_INFINITY): Promise<ExitName> {
  const { clock, interrupt } = session
  const until = clock.now() + timeout * 1000
  const look = createLookout(session, id)
  for (;;) {
    const job = await look()
    if (job !== undefined && isOver(job)) return conclude(session, job)
    const left = until - clock.now()
    if (left <= 0) return leave(session, id, 'wait-over')
    if (!(await clock.sleep(Math.min(POLL_MS, left), interrupt))) return leave(session, id, 'interrupted')
  }
}

/** One look after another: the job, or undefined while there is no answer to be had. */
function createLookout(session: Session, id: string): () => Promise<JobDetail | undefined> {
  const { api, output } = session
  const patiently = createPatience(session)
  let told: Told = new Map()
  return async () => {
    const job = await patiently(() => api.job(id))
    if (job === undefined) return undefined
    const news = changesSince(told, job)
    told = news.told
    for (const { host, text } of news.changes) {
      output.event({ event: 'host', job: id, host }, `${host.hostname} (${host.agentsn.slice(0, 8)}): ${text}`)
    }
    return job
  }
}

function conclude({ output }: Session, job: JobDetail): ExitName {
  const exit = job.counts.failed > 0 || job.hosts.some(({ state }) => state === 'failed') ? 'job-failed' : 'done'
  output.answer({ event: 'end', outcome: exit, job }, (look) => jobView(job, look))
  return exit
}

function leave({ output, again }: Session, id: string, exit: 'wait-over' | 'interrupted'): ExitName {
  const why = exit === 'interrupted' ? 'no longer waiting' : 'the time to wait is over'
  output.event({ event: 'end', outcome: exit, job: { id } }, `${why}; the job goes on: ${again(`job ${id} --wait`)}`)
  return exit
}
