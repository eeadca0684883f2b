import { type Action, HOST_JOB_STATES, type HostJobState, type JobDetail, type JobSummary } from '@bootagent/protocol'
import type { Database } from '../db/database.ts'
import type { JobsTable } from '../db/tables.ts'
import { fromJson } from '../db/json-column.ts'
import type { JobSettings } from '../jobs/job.ts'
import { hostJobView } from './host-job-view.ts'

/** How many jobs a list shows. */
const NEWEST = 200

/** How many hosts are in each state. */
type Counts = Record<HostJobState, number>

/** The newest jobs, newest first. */
export async function listJobs(db: Database): Promise<JobSummary[]> {
  const rows = await db.selectFrom('jobs').selectAll().orderBy('position', 'desc').limit(NEWEST).execute()
  const counts = await countHosts(
    db,
    rows.map((row) => row.id),
  )
  return rows.map((row) => summaryOf(row, counts.get(row.id) ?? noHosts()))
}

/** One job with every host it is for, by hostname; undefined when there is none. */
export async function viewJob(db: Database, id: string): Promise<JobDetail | undefined> {
  const row = await db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst()
  if (row === undefined) return undefined
  const hosts = await jobHosts(db, id)
  const counts = noHosts()
  for (const { state } of hosts) counts[state] += 1
  return { ...summaryOf(row, counts), hosts }
}

async function countHosts(db: Database, ids: readonly string[]): Promise<ReadonlyMap<string, Counts>> {
  const counts = new Map(ids.map((id) => [id, noHosts()]))
  if (ids.length === 0) return counts
  const rows = await db
    .selectFrom('host_jobs')
    .select(({ fn }) => ['job_id', 'state', fn.countAll<number>().as('hosts')])
    .where('job_id', 'in', ids)
    .groupBy(['job_id', 'state'])
    .execute()
  for (const { job_id, state, hosts } of rows) {
    const ofJob = counts.get(job_id)
    if (ofJob !== undefined) ofJob[state] = hosts
  }
  return counts
}

async function jobHosts(db: Database, id: string): Promise<JobDetail['hosts']> {
  const rows = await db
    .selectFrom('host_jobs')
    .innerJoin('hosts', 'hosts.agentsn', 'host_jobs.agentsn')
    .selectAll('host_jobs')
    .select('hosts.hostname')
    .where('job_id', '=', id)
    .orderBy('hosts.hostname')
    .orderBy('host_jobs.agentsn')
    .execute()
  return rows.map((row) => ({ agentsn: row.agentsn, hostname: row.hostname, ...hostJobView(row) }))
}

function summaryOf(row: JobsTable, counts: Counts): JobSummary {
  const { id, created } = row
  const { job } = fromJson<JobSettings>(row.settings)
  return {
    id,
    action: row.action as Action,
    name: row.name ?? undefined,
    version: row.version ?? undefined,
    job,
    created,
    counts,
  }
}

function noHosts(): Counts {
  return Object.fromEntries(HOST_JOB_STATES.map((state) => [state, 0])) as Counts
}
