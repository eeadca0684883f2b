import type { Kysely } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { ServerError } from '../errors.ts'
import * as first from './migrations/0001-first-tables.ts'
import * as eventsInOrder from './migrations/0002-events-in-order.ts'
import * as neededBootagent from './migrations/0003-packages-that-need-a-bootagent.ts'

/**
 * Every migration ever released, by name, in order; one that was released is never edited. Expand, then contract: a
 * release adds what it needs and removes nothing that the release before it still uses, so the two can run side by side.
 */
const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-first-tables': first,
  '0002-events-in-order': eventsInOrder,
  '0003-packages-that-need-a-bootagent': neededBootagent,
}

/** Brings the tables up to date, each migration wholly or not at all. Throws ServerError, also for a database of a newer server. */
export async function migrate<T>(db: Kysely<T>, migrations = MIGRATIONS): Promise<void> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => migrations } })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  if (error instanceof ServerError) throw error
  throw new ServerError('cannot-start', `the database cannot be brought up to date: ${(error as Error).message}`, error)
}
