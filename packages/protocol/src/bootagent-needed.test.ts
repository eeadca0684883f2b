import * as v from 'valibot'
import { expect, test } from 'vitest'
import { BootagentNeeded, meetsNeed } from './bootagent-needed.ts'

test.each([
  ['>=1.4.0', '1.4.0', true],
  ['>=1.4.0', '1.4.1', true],
  ['>=1.4.0', '1.10.0', true],
  ['>=1.4.0', '2.0.0', true],
  ['>=1.4.0', '1.4.0-rc1', true],
  ['>=1.4.0', '1.3.9', false],
  ['>=1.4.0', '0.9.9', false],
  ['>=1.4.2', '1.4.1', false],
  ['>=1.10.0', '1.9.9', false],
  // A version that cannot be read is no newer one.
  ['>=0.0.1', 'checkout', false],
])('%s is met by %s: %s', (needed, version, met) => {
  expect(meetsNeed(needed, version)).toBe(met)
})

test.each(['1.4.0', '>1.4.0', '>=1.4', '>= 1.4.0', '>=1.4.0-rc1', '>=01.4.0', '>=1.4.0 <2.0.0', ''])(
  '%j is no such need',
  (text) => {
    expect(v.is(BootagentNeeded, text)).toBe(false)
  },
)
