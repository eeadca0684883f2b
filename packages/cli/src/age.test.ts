import { expect, test } from 'vitest'
import { ago, span } from './age.ts'

test.each([
  [0, 'now'],
  [1, '1 s ago'],
  [59.9, '59 s ago'],
  [60, '1 min ago'],
  [3599, '59 min ago'],
  [3600, '1 h ago'],
  [47 * 3600, '47 h ago'],
  [48 * 3600, '2 d ago'],
  [400 * 86_400, '400 d ago'],
])('%d s before now is %s', (seconds, words) => {
  expect(ago(1_000_000_000 - seconds, 1_000_000_000)).toBe(words)
})

test('what a host with a fast clock dates into the future is now', () => {
  expect(ago(1_000_000_500, 1_000_000_000)).toBe('now')
})

test('a span says how long, without saying when', () => {
  expect(span(600)).toBe('10 min')
})
