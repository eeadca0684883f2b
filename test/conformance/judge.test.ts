import { expect, test } from 'vitest'
import { judge, strangersOf } from './judge.ts'

const HOLDS = { name: 'a', outcome: 'holds', why: '' } as const
const FAILS = { name: 'a', outcome: 'fails', why: 'no report came' } as const
const SKIPPED = { name: 'a', outcome: 'skipped', why: 'needs root' } as const
const KNOWN = { a: 'not yet' }

test.each([
  ['a claim that holds', HOLDS, {}, '✓', true, ''],
  ['a claim that fails', FAILS, {}, '✗', false, 'no report came'],
  ['a known failure', FAILS, KNOWN, '✗', true, 'known: not yet'],
  ['a known failure that holds', HOLDS, KNOWN, '✓', false, 'expected to fail (not yet), and holds: take it off the list'],
  ['a case that could not be run', SKIPPED, {}, '-', true, 'skipped: needs root'],
  ['a known failure that could not be run', SKIPPED, KNOWN, '-', true, 'skipped: needs root'],
])('%s is judged as what it is', (_, verdict, xfails, mark, right, remark) => {
  expect(judge(verdict, xfails)).toEqual({ name: 'a', mark, right, remark })
})

test('a case named like what every object has is not taken for a known failure', () => {
  expect(judge({ ...FAILS, name: 'constructor' }, {})).toMatchObject({ right: false })
})

test('a name on the list that no case has is found', () => {
  expect(strangersOf({ a: 'not yet', b: 'renamed' }, [{ name: 'a' }])).toEqual(['b'])
})
