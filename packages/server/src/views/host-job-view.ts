import type { HostJob } from '@bootagent/protocol'
import { fromJson } from '../db/json-column.ts'
import type { HostJobsTable } from '../db/tables.ts'

/** Where a host is with a job, as operators see it. */
export function hostJobView(row: HostJobsTable): Omit<HostJob, 'agentsn' | 'hostname'> {
  return {
    state: row.state,
    progress: fromJson(row.progress),
    errcode: row.errcode ?? undefined,
    message: row.message ?? undefined,
    finished: row.finished ?? undefined,
  }
}
