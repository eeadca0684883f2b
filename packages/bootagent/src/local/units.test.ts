import { expect, test } from 'vitest'
import { duration, moment, size } from './units.ts'

test.each([
  [-5, '0 s'],
  [0, '0 s'],
  [59.4, '59 s'],
  [60, '1 min'],
  [61, '1 min 1 s'],
  [3600, '1 h'],
  [7500, '2 h 5 min'],
  [7205, '2 h'],
  [90_000, '1 d 1 h'],
])('%f seconds are %s', (seconds, shown) => {
  expect(duration(seconds)).toBe(shown)
})

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1536, '1.5 KB'],
  [20 * 1024 ** 2, '20 MB'],
  [5 * 1024 ** 4, '5120 GB'],
])('%i bytes are %s', (bytes, shown) => {
  expect(size(bytes)).toBe(shown)
})

test('a moment is told in UTC, and one that no calendar has is not', () => {
  expect(moment(1_700_000_000)).toBe('2023-11-14 22:13:20 UTC')
  expect(moment(1e15)).toBe('at an unknown time')
})
