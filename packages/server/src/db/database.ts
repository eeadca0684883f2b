import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { ServerError } from '../errors.ts'
import { nodeSqliteDialect } from './node-sqlite-dialect.ts'
import type { Tables } from './tables.ts'

/** The whole database, or a transaction on it. */
export type Database = Kysely<Tables>

/** Opens the database file, making it when absent. Throws ServerError when it is no database or cannot be written. */
export function openDatabase(path: string): Database {
  return new Kysely<Tables>({ dialect: nodeSqliteDialect(() => open(path)) })
}

function open(path: string): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: 5000 })
    // FULL: every commit is on the disk when it returns. A result is acknowledged once and never sent again, so NORMAL,
    // which may lose the last commits in a power cut, would lose results.
    database.exec('pragma journal_mode = wal; pragma synchronous = full')
    return database
  } catch (error) {
    throw new ServerError('cannot-start', `the database ${path} cannot be opened: ${(error as Error).message}`, error)
  }
}
