import type { Selectable } from 'kysely'
import type { Database } from '../db/database.ts'
import { fromJson, toJson } from '../db/json-column.ts'
import type { HostsTable } from '../db/tables.ts'
import type { Host, LastReport } from './host.ts'
import type { Claim, HostStore } from './host-store.ts'

/** Hosts in the database. */
export function sqlHostStore(db: Database): HostStore {
  return {
    async find(agentsn) {
      const row = await db.selectFrom('hosts').selectAll().where('agentsn', '=', agentsn).executeTakeFirst()
      return row && hostOf(row)
    },
    async all() {
      const rows = await db.selectFrom('hosts').selectAll().orderBy('hostname').orderBy('agentsn').execute()
      return rows.map(hostOf)
    },
    async add(host) {
      await db.insertInto('hosts').values(rowOf(host)).execute()
    },
    async claim({ agentsn, machine }) {
      await db.updateTable('hosts').set({ machine }).where('agentsn', '=', agentsn).execute()
    },
    async setTags(agentsn, tags) {
      const { numUpdatedRows } = await db.updateTable('hosts').set({ tags }).where('agentsn', '=', agentsn).executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async saveReport(agentsn, report) {
      await db.updateTable('hosts').set(reportColumns(report)).where('agentsn', '=', agentsn).execute()
    },
    findRenamed: (asked) => findRenamed(db, asked),
    async addRenamed({ agentsn: asked, machine }, agentsn) {
      await db.insertInto('renamed_hosts').values({ asked, machine, agentsn }).execute()
    },
  }
}

async function findRenamed(db: Database, asked: Claim): Promise<Host | undefined> {
  const row = await db
    .selectFrom('renamed_hosts')
    .innerJoin('hosts', 'hosts.agentsn', 'renamed_hosts.agentsn')
    .selectAll('hosts')
    .where('renamed_hosts.asked', '=', asked.agentsn)
    .where('renamed_hosts.machine', '=', asked.machine)
    .executeTakeFirst()
  return row && hostOf(row)
}

function rowOf(host: Host): HostsTable {
  return {
    agentsn: host.agentsn,
    hostname: host.hostname,
    machine: host.machine ?? null,
    tags: host.tags,
    version: host.version,
    os: host.platform?.os ?? null,
    arch: host.platform?.arch ?? null,
    registered: host.registered,
    seen: null,
    step: null,
    agents: null,
    features: null,
    ...(host.report === undefined ? {} : reportColumns(host.report)),
  }
}

function reportColumns({ hostname, version, platform, seen, step, agents, features }: LastReport): Partial<HostsTable> {
  const heard = { hostname, version, seen, step, agents: toJson(agents), features: toJson(features) }
  return platform === undefined ? heard : { ...heard, os: platform.os, arch: platform.arch }
}

function hostOf(row: Selectable<HostsTable>): Host {
  const { agentsn, hostname, tags, version, registered } = row
  const machine = row.machine ?? undefined
  const platform = row.os === null || row.arch === null ? undefined : { os: row.os, arch: row.arch }
  return { agentsn, hostname, machine, tags, version, platform, registered, report: reportOf(row, platform) }
}

function reportOf(row: Selectable<HostsTable>, platform: Host['platform']): LastReport | undefined {
  const { hostname, version, seen, step } = row
  if (seen === null || step === null) return undefined
  return { hostname, version, platform, seen, step, agents: fromJson(row.agents) ?? [], features: fromJson(row.features) ?? [] }
}
