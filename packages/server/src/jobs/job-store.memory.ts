import { type Assignment, isOpen } from './job.ts'
import type { JobStore } from './job-store.ts'

/** Jobs in memory, for tests of what is built on the port; it passes the same contract as the database. */
export function memoryJobStore(): JobStore {
  const assignments: Assignment[] = []
  const indexOf = (agentsn: string, jobId: string) =>
    assignments.findIndex((each) => each.agentsn === agentsn && each.job.id === jobId)

  return {
    lastPosition: async () => Math.max(0, ...assignments.map((each) => each.job.position)),
    async add(job, added) {
      assignments.push(...added.map((each) => ({ ...each, job, state: 'queued' as const })))
      assignments.sort((a, b) => a.job.position - b.job.position)
    },
    find: async (agentsn, jobId) => assignments[indexOf(agentsn, jobId)],
    ofJob: async (jobId) =>
      assignments.filter((each) => each.job.id === jobId).toSorted((a, b) => (a.agentsn < b.agentsn ? -1 : 1)),
    async open(agentsn, limit) {
      const open = assignments.filter((each) => each.agentsn === agentsn && isOpen(each))
      const isCancel = ({ job }: Assignment) => job.action === 'cancel'
      return [...open.filter(isCancel), ...open.filter((each) => !isCancel(each))].slice(0, limit)
    },
    async save(assignment) {
      const at = indexOf(assignment.agentsn, assignment.job.id)
      if (at >= 0) assignments[at] = assignment
    },
  }
}
