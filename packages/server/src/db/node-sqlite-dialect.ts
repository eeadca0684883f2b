import type { DatabaseSync, SQLInputValue } from 'node:sqlite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  type Driver,
  type QueryResult,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

/** Kysely over Node's own SQLite: one connection, handed by kysely to one transaction or query at a time. */
export function nodeSqliteDialect(open: () => DatabaseSync): Dialect {
  return {
    createDriver: () => createDriver(open),
    createAdapter: () => ADAPTER,
    createQueryCompiler: () => new SqliteQueryCompiler(),
    createIntrospector: (db) => new SqliteIntrospector(db),
  }
}

const ADAPTER: DialectAdapter = {
  supportsCreateIfNotExists: true,
  supportsReturning: true,
  supportsMultipleConnections: false,
  // Kysely's own adapter says no; SQLite can, and a migration cut short must leave nothing behind.
  supportsTransactionalDdl: true,
  // Kysely holds the only connection while it migrates, and that is lock enough.
  acquireMigrationLock: async () => undefined,
  releaseMigrationLock: async () => undefined,
}

function createDriver(open: () => DatabaseSync): Driver {
  let opened: { database: DatabaseSync; connection: DatabaseConnection } | undefined
  const current = () => {
    if (opened === undefined) throw new TypeError('the driver is used before kysely has opened it')
    return opened
  }
  return {
    async init() {
      const database = open()
      opened = { database, connection: createConnection(database) }
    },
    acquireConnection: async () => current().connection,
    async beginTransaction(connection) {
      // Immediate: a transaction that reads first and then writes can never fail half-way for want of the write lock.
      await connection.executeQuery(CompiledQuery.raw('begin immediate'))
    },
    async commitTransaction(connection) {
      await connection.executeQuery(CompiledQuery.raw('commit'))
    },
    async rollbackTransaction(connection) {
      // On a full disk SQLite has rolled back by itself, and a second time is an error that would hide the first.
      if (current().database.isTransaction) await connection.executeQuery(CompiledQuery.raw('rollback'))
    },
    releaseConnection: async () => undefined,
    destroy: async () => opened?.database.close(),
  }
}

function createConnection(database: DatabaseSync): DatabaseConnection {
  return {
    async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
      const statement = database.prepare(sql)
      const values = parameters as readonly SQLInputValue[]
      if (statement.columns().length > 0) return { rows: statement.all(...values) as R[] }
      return { rows: [], numAffectedRows: BigInt(statement.run(...values).changes) }
    },
    streamQuery(): never {
      throw new TypeError('this dialect does not stream; ask for pages')
    },
  }
}
