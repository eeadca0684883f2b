import type { Assignment, FleetJob } from './job.ts'

/** Whom a new job is for. */
export type NewAssignment = Pick<Assignment, 'agentsn' | 'package'>

/** Where jobs are kept, and how far each host is with them. */
export interface JobStore {
  /** 0 while there is none. */
  lastPosition(): Promise<number>
  /** Adds a job, `queued` for every host. Its id and position must be new. */
  add(job: FleetJob, assignments: readonly NewAssignment[]): Promise<void>
  find(agentsn: string, jobId: string): Promise<Assignment | undefined>
  /** Every host's share in a job, in the order of their names. */
  ofJob(jobId: string): Promise<readonly Assignment[]>
  /** The oldest jobs of a host that have no result; cancels before all others, since a host may have no room for these. */
  open(agentsn: string, limit: number): Promise<readonly Assignment[]>
  /** Writes its state, progress and outcome. */
  save(assignment: Assignment): Promise<void>
}
