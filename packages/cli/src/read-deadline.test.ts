import { expect, test } from 'vitest'
import { readDeadline } from './read-deadline.ts'

const NOW = Date.parse('2026-01-01T00:00:00Z')

test.each([
  ['90s', 90],
  ['30m', 1800],
  ['2h', 7200],
  ['1d', 86_400],
  ['2026-01-01T01:00:00Z', 3600],
])('%s is %i s from now', (written, seconds) => {
  expect(readDeadline(written, NOW)).toBe(NOW / 1000 + seconds)
})

test.each([
  ['soon', 'write 90s, 30m'],
  ['5', 'write 90s, 30m'],
  ['2026-13-01', 'write 90s, 30m'],
  ['2025-12-31T00:00:00Z', 'has passed already'],
])('%s is refused', (written, why) => {
  expect(() => readDeadline(written, NOW)).toThrow(why)
})
