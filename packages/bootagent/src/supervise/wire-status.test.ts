import { CAUSES, KILLED_CAUSES } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { wireStatus } from './wire-status.ts'

test.each([
  ['stopped', 'stoped'],
  ['starting', 'running'],
  ['running', 'running'],
  ['stopping', 'running'],
  ['waiting', 'stoped'],
  ['fatal', 'fatal'],
] as const)('%s is "%s" on the wire', (state, word) => {
  expect(wireStatus({ state })).toBe(word)
})

test.each(CAUSES)('one that waits after %s is killed if it had used too much, and stopped otherwise', (cause) => {
  expect(wireStatus({ state: 'waiting', cause })).toBe(KILLED_CAUSES.includes(cause) ? 'killed' : 'stoped')
})

test('given up, or running again, is not killed any more', () => {
  expect([wireStatus({ state: 'fatal', cause: 'oom' }), wireStatus({ state: 'running', cause: 'oom' })]).toEqual([
    'fatal',
    'running',
  ])
})
