import type { JobProgress } from '@bootagent/protocol'
import { isAbout, isOpen, NEXT_STATE } from './job.ts'
import type { JobStore } from './job-store.ts'

/** Keeps what a host says it is doing. What it says about a finished or unknown job is late, and changes nothing. */
export async function receiveProgress(jobs: JobStore, agentsn: string, progress: readonly JobProgress[]): Promise<void> {
  for (const said of progress) {
    const assignment = await jobs.find(agentsn, said.id)
    if (assignment === undefined || !isOpen(assignment) || !isAbout(said, assignment.job)) continue
    await jobs.save({ ...assignment, state: NEXT_STATE[assignment.state].progress, progress: said })
  }
}
