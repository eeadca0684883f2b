import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bench, DEFAULT_PATIENCE } from './bench.ts'
import { judge, strangersOf } from './judge.ts'
import { readXfails } from './read-xfails.ts'
import { SERVER_CASES } from './server/all-cases.ts'
import { openServerBench } from './server/open-server-bench.ts'

const XFAILS = readXfails(new URL('server/xfails.json', import.meta.url))
let bench: Bench

beforeAll(async () => {
  bench = await openServerBench({ peer: process.env['CONFORMANCE_SERVER'], patience: DEFAULT_PATIENCE })
})
afterAll(() => bench?.close())

test.for(SERVER_CASES.map(({ name, claim }) => ({ name, claim })))('$name: $claim', async ({ name }, { skip }) => {
  const verdict = await bench.run(name)
  const { right, remark } = judge(verdict, XFAILS)
  skip(verdict.outcome === 'skipped', remark)
  expect(right ? '' : remark).toBe('')
})

test('every known failure is one of a case there is', () => {
  expect(strangersOf(XFAILS, SERVER_CASES)).toEqual([])
})
