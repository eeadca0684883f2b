import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextReport, urgentReport } from './pace.ts'

const PACE = { step: 600, retry: 180, gap: 10 }
const MIDDLE = 0.5

test.each([
  ['a step after an answer', { answered: true, retryAfter: undefined }, 600],
  ['the retry delay after silence', { answered: false, retryAfter: undefined }, 180],
  ['a step after an answer, whatever a server before it had asked for', { answered: true, retryAfter: 5 }, 600],
])('the next report comes %s', (_, last, seconds) => {
  expect(nextReport(PACE, last, MIDDLE)).toBe(seconds)
})

// A fleet that was started by one hand must not report as one.
test('no two hosts keep the same time: both are spread by a tenth to either side', () => {
  const spread = [0, MIDDLE, 1].map((random) =>
    [true, false].map((answered) => nextReport(PACE, { answered, retryAfter: undefined }, random)),
  )
  expect(spread).toEqual([[540, 162], [600, 180], [660, 198].map((each) => expect.closeTo(each))])
})

test.each([
  ['what the server asks for', 30, 30],
  ['a second, when it asks for none', 0, 1],
  ['an hour, when it asks for years', 999_999_999, 3600],
])('Retry-After: the next report comes after %s', (_, retryAfter, seconds) => {
  expect(nextReport(PACE, { answered: false, retryAfter }, 0)).toBe(seconds)
})

test('Retry-After is never cut short, and never stretched by more than a tenth', () => {
  fc.assert(
    fc.property(fc.nat(3600), fc.double({ min: 0, max: 0.999, noNaN: true }), (retryAfter, random) => {
      const wait = nextReport(PACE, { answered: false, retryAfter }, random)
      expect(wait).toBeGreaterThanOrEqual(retryAfter)
      expect(wait).toBeLessThanOrEqual(Math.max(1, retryAfter) * 1.1)
    }),
  )
})

test.each([
  [0, 10],
  [4, 6],
  [10, 0],
  [600, 0],
])('something urgent, %i s after the last report, waits %i s', (since, seconds) => {
  expect(urgentReport(PACE, since)).toBe(seconds)
})
