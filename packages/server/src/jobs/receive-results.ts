import { ERRORS, type JobResult } from '@bootagent/protocol'
import { type Assignment, isAbout, isOpen, NEXT_STATE, type Outcome } from './job.ts'
import type { JobStore } from './job-store.ts'

/** The results of one report, and who brought them. */
export interface Delivery {
  readonly agentsn: string
  readonly results: readonly JobResult[]
  /** Unix seconds. */
  readonly now: number
}

/**
 * Keeps the results of a report. The first result of a job on a host is its result for ever; a repeat, sent because an
 * acknowledgement was lost, changes nothing. Returns the results of jobs this server does not know, which are as good as
 * acknowledged: nobody here waits for them, and refusing the report would only bring them again.
 */
export async function receiveResults(jobs: JobStore, { agentsn, results, now }: Delivery): Promise<readonly JobResult[]> {
  const strangers: JobResult[] = []
  for (const result of results) {
    const assignment = await jobs.find(agentsn, result.id)
    if (assignment === undefined || !isAbout(result, assignment.job)) strangers.push(result)
    else if (isOpen(assignment)) {
      const state = NEXT_STATE[assignment.state][result.errcode === 0 ? 'success' : 'failure']
      await jobs.save({ ...assignment, state, progress: undefined, outcome: outcomeOf(result, now) })
      if (result.errcode === ERRORS['job-unknown'].errcode) await endNeverTaken(jobs, assignment, now)
    }
  }
  return strangers
}

/** The host never had the job that the cancel meant, and will not begin it should it still come: it ends here. */
async function endNeverTaken(jobs: JobStore, { agentsn, job }: Assignment, finished: number): Promise<void> {
  const target = await jobs.find(agentsn, job.settings.job ?? '')
  if (target === undefined || !isOpen(target)) return
  const outcome = { errcode: ERRORS.cancelled.errcode, message: 'called off before the host had it', finished }
  await jobs.save({ ...target, state: NEXT_STATE[target.state].failure, progress: undefined, outcome })
}

function outcomeOf({ errcode, message }: JobResult, finished: number): Outcome {
  return { errcode: Math.min(Math.max(errcode, -LARGEST), LARGEST), message, finished }
}

/** A host may say any number, and the database must be able to read it back: 32 bits hold every errcode there is. */
const LARGEST = 2 ** 31 - 1
