import { createHash } from 'node:crypto'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import type { HostSummary } from '@bootagent/protocol'
import { runProgram } from '@bootagent/runtime/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import * as first from '../src/db/migrations/0001-first-tables.ts'
import { spawnServer } from './spawn-server.ts'
import { ask } from './start-server.ts'

const PROGRAM = fileURLToPath(new URL('./fixtures/bring-up-to-date.ts', import.meta.url))
const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))

/** A place where SQLite changes one of the database's files: the call by the kernel's name, the file, and how far along it is. */
interface Place {
  readonly call: 'pwrite64' | 'fsync' | 'unlink'
  readonly of: '' | '-wal'
  /** 0 is the first such call, 1 the last. */
  readonly at: number
}

/** In the order in which they come: the log is written and synced, then the file itself, then the log goes. */
const PLACES: readonly Place[] = [
  { call: 'fsync', of: '-wal', at: 0 },
  { call: 'pwrite64', of: '-wal', at: 0.4 },
  { call: 'pwrite64', of: '-wal', at: 1 },
  { call: 'fsync', of: '-wal', at: 0.5 },
  { call: 'fsync', of: '-wal', at: 1 },
  { call: 'pwrite64', of: '', at: 0.5 },
  { call: 'fsync', of: '', at: 1 },
  { call: 'unlink', of: '-wal', at: 1 },
]

const scratch = mkdtempSync(join(tmpdir(), 'bootserver-'))
const BEFORE = join(scratch, 'before.db')
/** What an undisturbed migration makes of it, and strace's word of how. */
const AFTER = join(scratch, 'after.db')
let trace = ''
let undone: Picture
let done: Picture

beforeAll(async () => {
  await makeDatabase(BEFORE)
  copyFileSync(BEFORE, AFTER)
  const log = join(scratch, 'trace')
  const tracing = ['strace', '-o', log, '-y', '-e', 'trace=pwrite64,fsync,unlink'] as const
  await runProgram([...tracing, process.execPath, PROGRAM, AFTER])
  trace = readFileSync(log, 'latin1')
  undone = pictureOf(BEFORE)
  done = pictureOf(AFTER)
})

afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('killed while the database is brought up to date, at', () => {
  test.each(PLACES)('$call of its file "$of", $at of the way: it is as before or up to date, and then whole', async (place) => {
    const copy = join(scratch, `${place.call}${place.of}-${place.at}.db`)
    copyFileSync(BEFORE, copy)
    await killAt(place, [process.execPath, PROGRAM, copy], copy)
    const left = pictureOf(copy)
    expect(left).toEqual(left.migrations.length === undone.migrations.length ? undone : done)
    await bringUpToDate(copy)
    expect(pictureOf(copy)).toEqual(done)
  })

  // Each leaves its log to the next.
  test('one place after the other, it is whole in the end', async () => {
    const copy = join(scratch, 'again.db')
    copyFileSync(BEFORE, copy)
    for (const place of PLACES.slice(1, 4)) await killAt(place, [process.execPath, PROGRAM, copy], copy)
    await bringUpToDate(copy)
    expect(pictureOf(copy)).toEqual(done)
  })
})

test('a server killed as it brings its database up to date does so when it is started again, and has every host and event', async () => {
  const data = join(scratch, 'data')
  const started = ['--listen', '127.0.0.1:0', '--data', data]
  await runProgram(['mkdir', data])
  copyFileSync(BEFORE, join(data, 'bootserver.db'))
  await killAt({ call: 'pwrite64', of: '-wal', at: 1 }, [process.execPath, MAIN, ...started], join(data, 'bootserver.db'))
  const url = await spawnServer(started).url
  const { hosts } = (await ask(`${url}/api/v1/hosts`, { method: 'GET' })).json as { hosts: HostSummary[] }
  const { events } = (await ask(`${url}/api/v1/events?limit=1`, { method: 'GET' })).json as { events: { position: number }[] }
  expect([hosts.map(({ agentsn }) => agentsn), events.map(({ position }) => position)]).toEqual([['sn-1'], [EVENTS]])
})

/** Kills a program in place of one call. That it was this call which it did not live to make is proven by strace's log. */
async function killAt(place: Place, program: readonly string[], database: string): Promise<void> {
  const { call, of } = place
  const nth = nthOf(place)
  const log = `${database}.strace`
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${nth}`, '-P', `${database}${of}`] as const
  const ending = await runProgram(['strace', '-o', log, ...inject, ...program])
  expect(ending.signal).toBe('SIGKILL')
  const lines = readFileSync(log, 'latin1').trimEnd().split('\n')
  expect([lines.length, lines.at(-1)]).toEqual([nth + 1, '+++ killed by SIGKILL +++'])
  expect(lines.at(-2)).toMatch(new RegExp(`^${call}\\(.*= \\?$`))
}

/** The number of the call, counted from 1 as strace does, by how many an undisturbed migration makes. */
function nthOf({ call, of, at }: Place): number {
  const made = trace.split('\n').filter((line) => line.startsWith(`${call}(`) && new RegExp(`after\\.db${of}[>"]`).test(line))
  expect(made.length).toBeGreaterThan(0)
  return 1 + Math.floor(at * (made.length - 1))
}

async function bringUpToDate(path: string): Promise<void> {
  const db = openDatabase(path)
  await migrate(db)
  await db.destroy()
}

/** All that is in a database, and which migrations it has had. */
interface Picture {
  readonly migrations: readonly unknown[]
  readonly tables: readonly unknown[]
  /** By table: a digest, since there are so many. */
  readonly rows: Readonly<Record<string, string>>
}

function pictureOf(path: string): Picture {
  const database = new DatabaseSync(path)
  try {
    const all = (query: string) => database.prepare(query).all()
    const tables = all(`select type, name, sql from sqlite_master order by name`) as { type: string; name: string }[]
    const own = tables.filter(({ type, name }) => type === 'table' && !name.startsWith('kysely'))
    return {
      migrations: all('select name from kysely_migration order by name'),
      tables,
      rows: Object.fromEntries(own.map(({ name }) => [name, digest(all(`select * from ${name} order by rowid`))])),
    }
  } finally {
    database.close()
  }
}

function digest(rows: readonly unknown[]): string {
  return `${rows.length} rows, ${createHash('sha256').update(JSON.stringify(rows)).digest('hex')}`
}

/** So many that SQLite cannot keep what changes in memory until it commits: part of it is in the log before that, and must not count. */
const EVENTS = 3000

/** A database of the release before this. */
async function makeDatabase(path: string): Promise<void> {
  const db = openDatabase(path)
  await migrate(db, { '0001-first-tables': first })
  await sql`insert into hosts (agentsn, hostname, tags, version, registered) values ('sn-1', 'web-1', '', '', 1)`.execute(db)
  await db.transaction().execute(async (inside) => {
    for (let n = 1; n <= EVENTS; n += 1) {
      const event = JSON.stringify({ id: `e-${n}`, timestamp: n, category: 'agent', message: 'm'.repeat(700) })
      await sql`insert into events (agentsn, id, received, event) values ('sn-1', ${`e-${n}`}, ${n}, ${event})`.execute(inside)
    }
  })
  await db.destroy()
}
