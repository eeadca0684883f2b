import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { backoff, jitter } from './backoff.ts'

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
const settings = fc.record({ base: fc.integer({ min: 1, max: 60_000 }), cap: fc.integer({ min: 60_000, max: 3_600_000 }) })

test('a wait doubles with each attempt until the cap', () => {
  const waits = [0, 1, 2, 3, 4].map((attempt) => backoff({ base: 100, cap: 500 }, attempt, 0))
  expect(waits).toEqual([50, 100, 200, 250, 250])
})

test('a wait is in the upper half of its step and never above the cap', () => {
  fc.assert(
    fc.property(settings, fc.nat(10_000), random, (each, attempt, chance) => {
      const full = Math.min(each.cap, each.base * 2 ** attempt)
      const wait = backoff(each, attempt, chance)
      expect(wait).toBeGreaterThanOrEqual(full / 2)
      expect(wait).toBeLessThanOrEqual(full)
    }),
  )
})

test('a later attempt never waits less, chance being equal', () => {
  fc.assert(
    fc.property(settings, fc.nat(100), random, (each, attempt, chance) => {
      expect(backoff(each, attempt + 1, chance)).toBeGreaterThanOrEqual(backoff(each, attempt, chance))
    }),
  )
})

test('a jittered duration is within its fraction on either side', () => {
  fc.assert(
    fc.property(fc.nat(3_600_000), fc.double({ min: 0, max: 1, noNaN: true }), random, (duration, fraction, chance) => {
      const spread = jitter(duration, fraction, chance)
      expect(spread).toBeGreaterThanOrEqual(duration * (1 - fraction))
      expect(spread).toBeLessThanOrEqual(duration * (1 + fraction))
    }),
  )
})

test('the ends of chance are the ends of the spread', () => {
  expect([jitter(600, 0.1, 0), jitter(600, 0.1, 0.5)]).toEqual([540, 600])
})
