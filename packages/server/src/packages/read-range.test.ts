import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRange } from './read-range.ts'

test.each([
  [undefined, undefined],
  ['bytes=0-', { first: 0, last: 9 }],
  ['bytes=4-', { first: 4, last: 9 }],
  ['bytes=4-6', { first: 4, last: 6 }],
  ['bytes=9-9', { first: 9, last: 9 }],
  ['bytes=4-99', { first: 4, last: 9 }],
  ['bytes=-3', { first: 7, last: 9 }],
  ['bytes=-99', { first: 0, last: 9 }],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=99-100', 'unsatisfiable'],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=6-4', undefined],
  ['bytes=-', undefined],
  ['bytes=0-1,4-5', undefined],
  ['lines=0-1', undefined],
  ['bytes=a-b', undefined],
  ['bytes=99999999999999999999-', undefined],
])('of 10 bytes, "%s" is %j', (header, part) => {
  expect(readRange(header, 10)).toEqual(part)
})

test('a part always lies inside the package', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1 }), (first, last, length) => {
      const part = readRange(`bytes=${first}-${last}`, length)
      if (part === undefined || part === 'unsatisfiable') return
      expect(part.first).toBeLessThanOrEqual(part.last)
      expect(part.last).toBeLessThan(length)
    }),
  )
})
