import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type CpuReading, cpuShare } from './cpu-share.ts'

function reading(at: number, spent: Readonly<Record<string, number>>, change: Partial<CpuReading> = {}): CpuReading {
  return { attempt: '000001-aaaaaaaa', at, since: 100, counted: 'singly', spent: new Map(Object.entries(spent)), ...change }
}

test('the first figure is over the whole life, each later one since the one before', () => {
  const first = reading(120, { '7.100': 2 })
  expect(cpuShare(undefined, first)).toBe(10)
  expect(cpuShare(first, reading(130, { '7.100': 7 }))).toBe(50)
})

test('two processes that are busy all the time are 200 %', () => {
  expect(cpuShare(reading(110, { '7.100': 1, '8.100': 1 }), reading(120, { '7.100': 11, '8.100': 11 }))).toBe(200)
})

test('one that ended takes nothing from the others, and one that began is counted whole', () => {
  expect(cpuShare(reading(110, { '7.100': 5, '8.100': 5 }), reading(120, { '7.100': 6 }))).toBe(10)
  expect(cpuShare(reading(110, { '7.100': 5 }), reading(120, { '7.100': 5, '9.11500': 2 }))).toBe(20)
})

// Pid 7 is given again: what the first had used must not be taken from what the second has.
test('a pid that was given again is another process', () => {
  expect(cpuShare(reading(110, { '7.100': 5 }), reading(120, { '7.11500': 1 }))).toBe(10)
})

test('another attempt, or another way of counting, is compared with nothing', () => {
  const before = reading(110, { '7.100': 9 })
  expect(cpuShare(before, reading(120, { '8.11000': 1 }, { attempt: '000002-bbbbbbbb', since: 110 }))).toBe(10)
  expect(cpuShare(before, reading(120, { group: 10 }, { counted: 'together' }))).toBe(50)
  const group = reading(110, { group: 9 }, { counted: 'together' })
  const another = { attempt: '000002-bbbbbbbb', since: 110, counted: 'together' } as const
  expect(cpuShare(group, reading(120, { group: 10 }, another))).toBe(100)
})

test('whatever is read, a share is a number from 0 up', () => {
  const spent = fc.dictionary(fc.constantFrom('7.1', '8.1', '9.1'), fc.double({ min: 0, max: 1e6, noNaN: true }))
  const at = fc.double({ min: 0, max: 1e7, noNaN: true })
  const readings = fc.tuple(at, spent, at).map(([when, used, since]) => reading(when, used, { since }))
  fc.assert(
    fc.property(fc.option(readings, { nil: undefined }), readings, (before, now) => {
      // Closer than a hundredth of a second nobody reads.
      const share = cpuShare(before, now)
      expect(share).toBeGreaterThanOrEqual(0)
      expect(Number.isNaN(share)).toBe(false)
    }),
  )
})
