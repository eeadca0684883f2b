import type { JobResult } from '@bootagent/protocol'
import { isAbout, isOpen, NEXT_STATE, type Outcome } from './job.ts'
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
    }
  }
  return strangers
}

function outcomeOf({ errcode, message }: JobResult, finished: number): Outcome {
  return { errcode: Math.min(Math.max(errcode, -LARGEST), LARGEST), message, finished }
}

/** A host may say any number, and the database must be able to read it back: 32 bits hold every errcode there is. */
const LARGEST = 2 ** 31 - 1
