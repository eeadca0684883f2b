import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextErrand, nextReport, PATIENT_DENIALS, urgentReport } from './pace.ts'

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

// Nobody lets it in, and asking every three minutes for ever helps nobody; but the day somebody does, it should be there within the hour.
test.each([
  [PATIENT_DENIALS, 180],
  [PATIENT_DENIALS + 1, 360],
  [PATIENT_DENIALS + 2, 720],
  [PATIENT_DENIALS + 5, 3600],
  [1_000_000, 3600],
])('refused by all for the %ith time it asks again after %i s', (denials, seconds) => {
  expect(nextReport(PACE, { answered: false, retryAfter: undefined, denials }, MIDDLE)).toBe(seconds)
})

test('a server that says when to come again is asked then, however often it has refused', () => {
  expect(nextReport(PACE, { answered: false, retryAfter: 30, denials: 100 }, 0)).toBe(30)
})

test('a retry delay that is longer than an hour is not shortened by refusals', () => {
  expect(nextReport({ ...PACE, retry: 7200 }, { answered: false, retryAfter: undefined, denials: 9 }, MIDDLE)).toBe(7200)
})

test.each([
  [0, 180],
  [1, 360],
  [4, 2880],
  [5, 3600],
  [1000, 3600],
])('a server that is owed a result and has failed to answer %i times before is tried again after %i s', (failures, seconds) => {
  expect(nextErrand(180, failures)).toBe(seconds)
})

test.each([
  [0, 10],
  [4, 6],
  [10, 0],
  [600, 0],
])('something urgent, %i s after the last report, waits %i s', (since, seconds) => {
  expect(urgentReport(PACE, since)).toBe(seconds)
})
