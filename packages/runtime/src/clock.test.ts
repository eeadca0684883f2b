import process from 'node:process'
import { expect, test } from 'vitest'
import { systemClock } from './clock.ts'

test('a sleep that is over says so', async () => {
  expect(await systemClock.sleep(0)).toBe(true)
})

test('a negative sleep is over at once', async () => {
  expect(await systemClock.sleep(-1)).toBe(true)
})

test('a sleep ends when it is aborted, and says that it was cut short', async () => {
  const abort = new AbortController()
  const hour = systemClock.sleep(3_600_000, abort.signal)
  abort.abort()
  expect(await hour).toBe(false)
})

test('a sleep with a signal already aborted never begins', async () => {
  expect(await systemClock.sleep(3_600_000, AbortSignal.abort())).toBe(false)
})

// A timer of more than 2^31 - 1 ms would fire at once, and Node warns of it.
test('a sleep of a year is slept in pieces that a timer can hold, and can be cut short', async () => {
  const warnings: string[] = []
  const note = (warning: Error) => warnings.push(warning.name)
  process.on('warning', note)
  const abort = new AbortController()
  const year = systemClock.sleep(365 * 24 * 3_600_000, abort.signal)
  setImmediate(() => abort.abort())
  expect(await year).toBe(false)
  process.off('warning', note)
  expect(warnings).toEqual([])
})

test('uptime is in seconds, and does not go back', () => {
  const earlier = systemClock.uptime()
  expect(earlier).toBeGreaterThan(0)
  expect(systemClock.uptime()).toBeGreaterThanOrEqual(earlier)
})

test('now is the wall clock in milliseconds', () => {
  const before = Date.now()
  const now = systemClock.now()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(now).toBeLessThanOrEqual(Date.now())
})
