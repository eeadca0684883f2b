import { expect, test } from 'vitest'
import { chooseEvictions, chooseForRoom, type KeptPackage } from './choose-evictions.ts'

/** Packages of 10 bytes; the first was used longest ago. */
const KEPT: readonly KeptPackage[] = ['a', 'b', 'c', 'd'].map((digest, used) => ({ digest, bytes: 10, used }))
const NOBODY: ReadonlySet<string> = new Set()

test.each([
  ['nothing within the bounds', NOBODY, { bytes: 40, count: 4 }, []],
  ['the least recently used for the bytes', NOBODY, { bytes: 39, count: 4 }, ['a']],
  ['as many as the bytes take', NOBODY, { bytes: 19, count: 4 }, ['a', 'b', 'c']],
  ['as many as the count takes', NOBODY, { bytes: 40, count: 2 }, ['a', 'b']],
  ['everything, with bounds of nothing', NOBODY, { bytes: 0, count: 0 }, ['a', 'b', 'c', 'd']],
  ['others than those that are needed', new Set(['a', 'c']), { bytes: 20, count: 4 }, ['b', 'd']],
  ['no more than the others, whatever is needed', new Set(['a', 'b', 'c']), { bytes: 5, count: 1 }, ['d']],
])('what is given up is %s', (_, needed, bounds, evicted) => {
  expect(chooseEvictions(KEPT.toReversed(), needed, bounds)).toEqual(evicted)
})

test.each([
  ['nothing', 0, []],
  ['a byte', 1, ['a']],
  ['more than one has', 11, ['a', 'c']],
  ['more than there is', 1000, ['a', 'c', 'd']],
])('for room for %s', (_, short, evicted) => {
  expect(chooseForRoom(KEPT, new Set(['b']), short)).toEqual(evicted)
})
