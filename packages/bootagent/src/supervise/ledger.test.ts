import { type Log, RuntimeError } from '@bootagent/runtime'
import { expect, test } from 'vitest'
import type { MetafileStore } from '../state/metafile.ts'
import { type Metafile, newMetafile, type Reducer } from '../state/metafile-schema.ts'
import { createLedger } from './ledger.ts'

const FIRST = newMetafile({
  identity: { agentsn: 'a', source: 'random', machine: '', standing: 'claimed' },
  svrlist: '',
  step: 1,
})
const log = { error: () => undefined, warn: () => undefined } as unknown as Log

/** A metafile in memory, on a disk that may be full. */
function createDisk(): MetafileStore & { full: boolean } {
  let value = FIRST
  const disk = {
    full: true,
    read: () => value,
    update: async (reducer: Reducer) => {
      if (disk.full) throw new RuntimeError('disk-error', 'the disk is full')
      value = reducer(value)
      return value
    },
  }
  return disk
}

/** Adds to `step`, and counts how often it is asked to. */
function counted(): { reducer: Reducer; times: () => number } {
  let times = 0
  const reducer = (metafile: Metafile): Metafile => {
    times += 1
    return { ...metafile, step: metafile.step + 1 }
  }
  return { reducer, times: () => times }
}

test('what a full disk refused is read all the same, and is not made anew for each reader', async () => {
  const disk = createDisk()
  const ledger = createLedger(disk, log)
  const { reducer, times } = counted()
  for (let change = 1; change <= 3; change += 1) {
    await ledger.change(reducer)
    expect(ledger.read().step).toBe(1 + change)
  }
  expect(disk.read().step).toBe(1)
  expect(ledger.read()).toBe(ledger.read())
  expect(times()).toBe(3)
})

test('once the disk takes it, it is there once', async () => {
  const disk = createDisk()
  const ledger = createLedger(disk, log)
  const { reducer } = counted()
  await ledger.change(reducer)
  expect(ledger.read().step).toBe(2)
  disk.full = false
  await ledger.change(reducer)
  expect([disk.read().step, ledger.read().step]).toEqual([3, 3])
  disk.full = true
  await ledger.change(reducer)
  expect([disk.read().step, ledger.read().step]).toEqual([3, 4])
})

// A change that changes nothing leaves the same metafile behind: what is remembered of it must not hide the next one.
test('a change that came to nothing hides none that follows', async () => {
  const disk = createDisk()
  const ledger = createLedger(disk, log)
  await ledger.change((metafile) => metafile)
  expect(ledger.read().step).toBe(1)
  disk.full = false
  await ledger.retry()
  disk.full = true
  await ledger.change(counted().reducer)
  expect(ledger.read().step).toBe(2)
})

test('what others have changed on the disk counts for those that wait', async () => {
  const disk = createDisk()
  const ledger = createLedger(disk, log)
  await ledger.change(counted().reducer)
  expect(ledger.read().step).toBe(2)
  disk.full = false
  await disk.update((metafile) => ({ ...metafile, step: 10 }))
  expect(ledger.read().step).toBe(11)
})

// Written after it, a start that was noted while the disk was full would undo the stop that was ordered since.
test('what waits goes with the next change of anybody, and before it', async () => {
  const disk = createDisk()
  const ledger = createLedger(disk, log)
  await ledger.change((metafile) => ({ ...metafile, step: 5 }))
  await expect(ledger.store.update((metafile) => ({ ...metafile, step: 7 }))).rejects.toThrow('the disk is full')
  expect([disk.read().step, ledger.read().step]).toEqual([1, 5])
  disk.full = false
  expect(await ledger.store.update(({ step, ...rest }) => ({ ...rest, step: step * 2 }))).toMatchObject({ step: 10 })
  await ledger.retry()
  expect([disk.read().step, ledger.read().step]).toEqual([10, 10])
})
