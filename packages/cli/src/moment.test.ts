import { expect, test } from 'vitest'
import { moment } from './moment.ts'

test.each([
  [0, '1970-01-01 00:00:00Z'],
  [Date.UTC(2026, 0, 31, 23, 59, 59) / 1000, '2026-01-31 23:59:59Z'],
  // The largest the protocol lets a host say, and more than that.
  [2 ** 40, '+036812-02-20 00:36:16Z'],
  [1e300, '1e+300 s'],
])('%d is %s', (seconds, shown) => {
  expect(moment(seconds)).toBe(shown)
})
