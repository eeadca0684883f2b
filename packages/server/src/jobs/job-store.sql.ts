import type { Action } from '@bootagent/protocol'
import type { Database } from '../db/database.ts'
import { fromJson, toJson } from '../db/json-column.ts'
import type { HostJobsTable, JobsTable } from '../db/tables.ts'
import { type Assignment, type FleetJob, OPEN_STATES } from './job.ts'
import type { JobStore, NewAssignment } from './job-store.ts'

/** Jobs in the database. */
export function sqlJobStore(db: Database): JobStore {
  const select = () => db.selectFrom('host_jobs').innerJoin('jobs', 'jobs.id', 'host_jobs.job_id').selectAll()
  return {
    async lastPosition() {
      const row = await db
        .selectFrom('jobs')
        .select(({ fn }) => fn.max('position').as('last'))
        .executeTakeFirst()
      return row?.last ?? 0
    },
    add: (job, assignments) => add(db, job, assignments),
    async find(agentsn, jobId) {
      const row = await select().where('agentsn', '=', agentsn).where('job_id', '=', jobId).executeTakeFirst()
      return row && assignmentOf(row)
    },
    async ofJob(jobId) {
      return (await select().where('job_id', '=', jobId).orderBy('agentsn').execute()).map(assignmentOf)
    },
    async open(agentsn, limit) {
      const query = select().where('agentsn', '=', agentsn).where('state', 'in', OPEN_STATES)
      const cancelsFirst = query.orderBy(({ case: when }) => when().when('action', '=', 'cancel').then(0).else(1).end())
      return (await cancelsFirst.orderBy('position').limit(limit).execute()).map(assignmentOf)
    },
    save: (assignment) => save(db, assignment),
  }
}

/** Rows an insert takes: databases bound the parameters of one statement. */
const ROWS_AT_ONCE = 1000

async function add(db: Database, job: FleetJob, assignments: readonly NewAssignment[]): Promise<void> {
  await db
    .insertInto('jobs')
    .values({ ...job, settings: toJson(job.settings) })
    .execute()
  for (let at = 0; at < assignments.length; at += ROWS_AT_ONCE) {
    const rows = assignments.slice(at, at + ROWS_AT_ONCE).map((each) => ({
      job_id: job.id,
      agentsn: each.agentsn,
      package: each.package ?? null,
      state: 'queued' as const,
    }))
    await db.insertInto('host_jobs').values(rows).execute()
  }
}

async function save(db: Database, { job, agentsn, state, progress, outcome }: Assignment): Promise<void> {
  const { errcode = null, message = null, finished = null } = outcome ?? {}
  await db
    .updateTable('host_jobs')
    .set({ state, progress: toJson(progress), errcode, message, finished })
    .where('job_id', '=', job.id)
    .where('agentsn', '=', agentsn)
    .execute()
}

function assignmentOf(row: JobsTable & HostJobsTable): Assignment {
  const { agentsn, state, errcode, message, finished } = row
  const answered = errcode !== null && message !== null && finished !== null
  return {
    job: jobOf(row),
    agentsn,
    package: row.package ?? undefined,
    state,
    progress: fromJson(row.progress),
    outcome: answered ? { errcode, message, finished } : undefined,
  }
}

function jobOf(row: JobsTable): FleetJob {
  return {
    id: row.id,
    position: row.position,
    action: row.action as Action,
    name: row.name ?? undefined,
    version: row.version ?? undefined,
    created: row.created,
    settings: fromJson(row.settings),
  }
}
