import { expect, test } from 'vitest'
import { goesOn, readContentRange } from './content-range.ts'

test('a range is read, with its length or without', () => {
  expect(readContentRange('bytes 5-9/10')).toEqual({ first: 5, last: 9, length: 10 })
  expect(readContentRange('bytes 5-9/*')).toEqual({ first: 5, last: 9, length: undefined })
})

test.each([
  undefined,
  '',
  'bytes',
  'bytes */10',
  'bytes 5-9',
  'bytes 9-5/10',
  'bytes 5-10/10',
  'bytes -5-9/10',
  'items 5-9/10',
  'bytes 5-9/10, bytes 0-1/10',
])('%j is no range', (header) => {
  expect(readContentRange(header)).toBeUndefined()
})

test.each([
  ['begins where it was cut and goes to the end', 'bytes 5-9/10', 5, true],
  ['says nothing of the whole length', 'bytes 5-9/*', 5, true],
  ['begins earlier', 'bytes 4-9/10', 6, false],
  ['begins later', 'bytes 6-9/10', 4, false],
  ['ends before the end', 'bytes 5-8/10', 4, false],
  ['has another length than was announced', 'bytes 5-9/10', 4, false],
])('a part that %s', (_, header, announced, answer) => {
  expect(goesOn(readContentRange(header), 5, announced)).toBe(answer)
})
