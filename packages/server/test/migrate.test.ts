import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { sql } from 'kysely'
import { expect, onTestFinished, test } from 'vitest'
import { type Database, openDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import * as first from '../src/db/migrations/0001-first-tables.ts'
import { listEvents } from '../src/views/event-views.ts'
import { makeDataDirectory } from './start-server.ts'

test('a database that is up to date stays as it is', async () => {
  const { db } = await openFresh()
  await migrate(db)
  const before = await tables(db)
  await migrate(db)
  expect(await tables(db)).toEqual(before)
})

test('a migration that fails half-way leaves nothing behind, and can be tried again', async () => {
  const { db } = await openFresh()
  const step = (then: () => void) => ({
    async up(inside: Database) {
      await inside.schema.createTable('half').addColumn('a', 'text').execute()
      then()
    },
  })
  const fail = () => {
    throw new RangeError('on purpose')
  }
  await expect(migrate(db, { '0001-half': step(fail) })).rejects.toMatchObject({ code: 'cannot-start' })
  expect(await tables(db)).not.toContain('half')
  await migrate(db, { '0001-half': step(() => undefined) })
  expect(await tables(db)).toContain('half')
})

// In a thousand and a few, since rows are filled by the thousand.
test('events of the release before are in the order in which they came, and found by what they are about', async () => {
  const { db } = await openFresh()
  await migrate(db, { '0001-first-tables': first })
  const old = sql`insert into hosts (agentsn, hostname, tags, version, registered) values ('sn-1', 'web-1', '', '', 1)`
  await old.execute(db)
  for (let n = 1100; n > 0; n -= 1) {
    const event = JSON.stringify({
      id: `e-${n}`,
      timestamp: 1,
      category: 'agent',
      message: 'm',
      ...(n === 7 && { subject: 'logs' }),
    })
    await sql`insert into events (agentsn, id, received, event) values ('sn-1', ${`e-${n}`}, ${n}, ${event})`.execute(db)
  }
  await migrate(db)
  const { events } = await listEvents(db, { category: 'agent', limit: 1100 })
  expect(events.map(({ id, position }) => [id, position])).toEqual(
    Array.from({ length: 1100 }, (_, at) => [`e-${1100 - at}`, 1100 - at]),
  )
  expect((await listEvents(db, { agent: 'logs', limit: 9 })).events).toMatchObject([{ id: 'e-7', hostname: 'web-1' }])
})

// The release before cannot know what the newer one wrote.
test('the database of a newer server is refused', async () => {
  const { db } = await openFresh()
  await migrate(db)
  await expect(migrate(db, {})).rejects.toMatchObject({ code: 'cannot-start' })
})

test('a file that is no database is refused by name', async () => {
  const { db, path } = await openFresh()
  await writeFile(path, 'this is not a database, whatever its name says')
  await expect(migrate(db)).rejects.toMatchObject({ code: 'cannot-start', message: expect.stringContaining(path) })
})

// An acknowledged result is never sent again: SQLite's default for WAL elsewhere, NORMAL, may lose it in a power cut.
test('every commit waits for the disk, and references are enforced', async () => {
  const { db } = await openFresh()
  const pragma = async (name: string) => Object.values((await sql`pragma ${sql.raw(name)}`.execute(db)).rows[0] as object)[0]
  expect([await pragma('journal_mode'), await pragma('synchronous'), await pragma('foreign_keys')]).toEqual(['wal', 2, 1])
})

async function openFresh(): Promise<{ db: Database; path: string }> {
  const path = join(await makeDataDirectory(), 'bootserver.db')
  const db = openDatabase(path)
  onTestFinished(() => db.destroy())
  return { db, path }
}

async function tables(db: Database): Promise<string[]> {
  return (await db.introspection.getTables()).map((table) => table.name)
}
