import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/db/database.ts'
import { migrate } from '../src/db/migrate.ts'
import { eventStoreContract } from '../src/events/event-store.contract.ts'
import { hostStoreContract } from '../src/hosts/host-store.contract.ts'
import { jobStoreContract } from '../src/jobs/job-store.contract.ts'
import { packageStoreContract } from '../src/packages/package-store.contract.ts'
import { sqlStores, sqlTransact } from '../src/stores.sql.ts'
import { makeDataDirectory } from './start-server.ts'

describe('hosts in the database', () => hostStoreContract(async () => sqlStores(await openFresh())))
describe('events in the database', () => eventStoreContract(async () => sqlStores(await openFresh())))
describe('jobs in the database', () => jobStoreContract(async () => sqlStores(await openFresh())))
describe('packages in the database', () => packageStoreContract(async () => sqlStores(await openFresh())))

const HOST = { agentsn: 'sn-1', hostname: 'web', tags: '', version: '', registered: 1 }

test('a transaction that fails leaves nothing', async () => {
  const db = await openFresh()
  const failing = sqlTransact(db)(async ({ hosts }) => {
    await hosts.add(HOST)
    throw new RangeError('on purpose')
  })
  await expect(failing).rejects.toThrow('on purpose')
  expect(await sqlStores(db).hosts.all()).toEqual([])
})

// One connection serves all requests: without turns, one request's rollback would take another's writes with it.
test('transactions take turns', async () => {
  const transact = sqlTransact(await openFresh())
  const count = () =>
    transact(async ({ hosts }) => {
      const before = (await hosts.all()).length
      await hosts.add({ ...HOST, agentsn: `sn-${before}` })
    })
  await Promise.all(Array.from({ length: 20 }, count))
  expect(await transact(async ({ hosts }) => (await hosts.all()).length)).toBe(20)
})

async function openFresh() {
  const db = openDatabase(join(await makeDataDirectory(), 'bootserver.db'))
  onTestFinished(() => db.destroy())
  await migrate(db)
  return db
}
