import type { Database } from './db/database.ts'
import { sqlEventStore } from './events/event-store.sql.ts'
import { sqlHostStore } from './hosts/host-store.sql.ts'
import { sqlJobStore } from './jobs/job-store.sql.ts'
import { sqlPackageStore } from './packages/package-store.sql.ts'
import type { Stores, Transact } from './stores.ts'

/** The way to the stores in a database: inside a transaction. */
export function sqlTransact(db: Database): Transact {
  return (work) => db.transaction().execute((transaction) => work(sqlStores(transaction)))
}

/** The stores over a database or a transaction on it. */
export function sqlStores(db: Database): Stores {
  return { hosts: sqlHostStore(db), events: sqlEventStore(db), jobs: sqlJobStore(db), packages: sqlPackageStore(db) }
}
