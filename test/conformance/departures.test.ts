import { expect, test } from 'vitest'
import { departures } from './departures.ts'

const EXAMPLE = { id: 'a', list: [{ n: 1 }], none: [] }

test('what has the fields of the example, and more, departs in nothing', () => {
  expect(departures(EXAMPLE, { id: 'b', list: [{ n: 2, more: true }, { n: 3 }], none: ['any'], extra: null })).toEqual([])
})

test('an empty list departs in nothing', () => {
  expect(departures(EXAMPLE, { id: 'b', list: [], none: [] })).toEqual([])
})

test.each([
  [{ list: [], none: [] }, 'the body.id is missing, not a string'],
  [{ id: 1, list: [], none: [] }, 'the body.id is a number, not a string'],
  [{ id: 'b', list: {}, none: [] }, 'the body.list is an object, not a list'],
  [{ id: 'b', list: [{ n: 1 }, { n: '2' }], none: [] }, 'the body.list[1].n is a string, not a number'],
  [null, 'the body is null, not an object'],
])('%j departs: %s', (value, said) => {
  expect(departures(EXAMPLE, value)).toEqual([said])
})
