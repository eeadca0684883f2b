import type { Kysely } from 'kysely'

/** Hosts, the names given to clones, events, packages, jobs, and where each host is with each job. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await createHosts(db)
  await createEvents(db)
  await createPackages(db)
  await createJobs(db)
}

async function createHosts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hosts')
    .addColumn('agentsn', 'text', (column) => column.primaryKey())
    .addColumn('hostname', 'text', (column) => column.notNull())
    .addColumn('machine', 'text')
    .addColumn('tags', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('os', 'text')
    .addColumn('arch', 'text')
    .addColumn('registered', 'integer', (column) => column.notNull())
    .addColumn('seen', 'integer')
    .addColumn('step', 'integer')
    .addColumn('agents', 'text')
    .addColumn('features', 'text')
    .execute()
  await db.schema
    .createTable('renamed_hosts')
    .addColumn('asked', 'text', (column) => column.notNull())
    .addColumn('machine', 'text', (column) => column.notNull())
    .addColumn('agentsn', 'text', (column) => column.notNull().references('hosts.agentsn'))
    .addPrimaryKeyConstraint('renamed_hosts_key', ['asked', 'machine'])
    .execute()
}

async function createEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('events')
    .addColumn('agentsn', 'text', (column) => column.notNull().references('hosts.agentsn'))
    .addColumn('id', 'text', (column) => column.notNull())
    .addColumn('received', 'integer', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('events_key', ['agentsn', 'id'])
    .execute()
}

async function createPackages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('packages')
    .addColumn('position', 'integer', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('version', 'text', (column) => column.notNull())
    .addColumn('os', 'text', (column) => column.notNull())
    .addColumn('arch', 'text', (column) => column.notNull())
    .addColumn('format', 'text', (column) => column.notNull())
    .addColumn('file', 'text', (column) => column.notNull())
    .addColumn('size', 'bigint', (column) => column.notNull())
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('run', 'text')
    .addColumn('published', 'integer', (column) => column.notNull())
    .addUniqueConstraint('packages_key', ['name', 'version', 'os', 'arch'])
    .execute()
  await db.schema.createIndex('packages_by_digest').on('packages').column('sha256').execute()
}

async function createJobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('jobs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('position', 'integer', (column) => column.notNull().unique())
    .addColumn('action', 'text', (column) => column.notNull())
    .addColumn('name', 'text')
    .addColumn('version', 'text')
    .addColumn('created', 'integer', (column) => column.notNull())
    .addColumn('settings', 'text', (column) => column.notNull())
    .execute()
  await db.schema
    .createTable('host_jobs')
    .addColumn('job_id', 'text', (column) => column.notNull().references('jobs.id'))
    .addColumn('agentsn', 'text', (column) => column.notNull().references('hosts.agentsn'))
    .addColumn('package', 'integer', (column) => column.references('packages.position'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('progress', 'text')
    .addColumn('errcode', 'integer')
    .addColumn('message', 'text')
    .addColumn('finished', 'integer')
    .addPrimaryKeyConstraint('host_jobs_key', ['job_id', 'agentsn'])
    .execute()
  await db.schema.createIndex('host_jobs_by_host').on('host_jobs').columns(['agentsn', 'state']).execute()
}
