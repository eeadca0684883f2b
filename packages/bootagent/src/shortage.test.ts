import { expect, test } from 'vitest'
import { isShortage } from './shortage.ts'

test.each([
  ['no more descriptors', { code: 'EMFILE', errno: -24 }],
  ['a full disk', { code: 'ENOSPC', errno: -28 }],
  // As Node throws it: it knows no name for EDQUOT.
  ['a used up quota', { code: 'Unknown system error -122', errno: -122 }],
])('%s is what the host lacks, and no fault of the agent’s', (_, error) => {
  expect(isShortage(Object.assign(new Error('it failed'), error))).toBe(true)
})

test('a program that may not be run is the agent’s own fault', () => {
  expect(isShortage(Object.assign(new Error('it failed'), { code: 'EACCES', errno: -13 }))).toBe(false)
})
