import { expect, test } from 'vitest'
import { tellChanges } from './tell-changes.ts'

test('where nothing was changed, or nobody has looked, nothing is said', () => {
  expect(tellChanges(undefined)).toBe('')
  expect(tellChanges({ count: 0, some: [], partly: false })).toBe('')
})

test('what was changed is named', () => {
  expect(tellChanges({ count: 2, some: ['"a"', '"b"'], partly: false })).toBe(
    '; 2 files in its releases had been changed or added since these were put there: "a", "b"',
  )
})

test('of many files some are named', () => {
  expect(tellChanges({ count: 70, some: ['"a"', '"b"'], partly: false })).toBe(
    '; 70 files in its releases had been changed or added since these were put there, among them "a", "b"',
  )
})

// Who could not look has not seen that nothing was changed.
test('that not all could be seen is said, whether or not anything was found', () => {
  expect(tellChanges({ count: 0, some: [], partly: true })).toBe(
    '; of some of its files it could not be seen whether they had been changed',
  )
  expect(tellChanges({ count: 1, some: ['"a"'], partly: true })).toBe(
    '; 1 file in its releases had been changed or added since these were put there, as far as could be seen: "a"',
  )
})
