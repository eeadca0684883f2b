import type { HostDetail, HostSummary } from '@bootagent/protocol'
import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { fromJson } from '../db/json-column.ts'
import type { HostsTable } from '../db/tables.ts'
import { FIRST_STEP } from '../hosts/host.ts'
import { OPEN_STATES } from '../jobs/job.ts'
import { hostJobView } from './host-job-view.ts'

/** How many jobs and events a host's page shows. */
const LATEST_JOBS = 20
const LATEST_EVENTS = 5

/** Every host, by hostname. */
export async function listHosts(db: Database): Promise<HostSummary[]> {
  const rows = await selectHosts(db).orderBy('hostname').orderBy('agentsn').execute()
  return rows.map(summaryOf)
}

/** One host with its latest jobs and events; undefined when there is none. */
export async function viewHost(db: Database, agentsn: string): Promise<HostDetail | undefined> {
  const row = await selectHosts(db).where('agentsn', '=', agentsn).executeTakeFirst()
  if (row === undefined) return undefined
  return { ...summaryOf(row), jobs: await latestJobs(db, agentsn), events: await latestEvents(db, agentsn) }
}

function selectHosts(db: Database) {
  return db
    .selectFrom('hosts')
    .selectAll()
    .select((host) =>
      host
        .selectFrom('host_jobs')
        .select(sql<number>`count(*)`.as('open'))
        .whereRef('host_jobs.agentsn', '=', 'hosts.agentsn')
        .where('state', 'in', OPEN_STATES)
        .as('open'),
    )
}

function summaryOf(row: HostsTable & { open: number | null }): HostSummary {
  const { agentsn, hostname, tags, version, registered } = row
  return {
    agentsn,
    hostname,
    tags,
    version,
    registered,
    platform: row.os === null || row.arch === null ? undefined : { os: row.os, arch: row.arch },
    seen: row.seen ?? undefined,
    step: row.step ?? FIRST_STEP,
    agents: fromJson(row.agents) ?? [],
    openJobs: row.open ?? 0,
  }
}

async function latestJobs(db: Database, agentsn: string): Promise<HostDetail['jobs']> {
  const rows = await db
    .selectFrom('host_jobs')
    .innerJoin('jobs', 'jobs.id', 'host_jobs.job_id')
    .selectAll()
    .where('agentsn', '=', agentsn)
    .orderBy('position', 'desc')
    .limit(LATEST_JOBS)
    .execute()
  return rows.map((row) => {
    const { id, action, created } = row
    return { id, action, name: row.name ?? undefined, created, ...hostJobView(row) }
  })
}

async function latestEvents(db: Database, agentsn: string): Promise<HostDetail['events']> {
  const query = db.selectFrom('events').select('event').where('agentsn', '=', agentsn)
  const rows = await query.orderBy('position', 'desc').limit(LATEST_EVENTS).execute()
  return rows.map(({ event }) => fromJson(event))
}
