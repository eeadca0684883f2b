import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { AGENT_CASES } from './agent/all-cases.ts'
import { openAgentBench } from './agent/open-agent-bench.ts'
import { type Bench, DEFAULT_PATIENCE } from './bench.ts'
import { judge, strangersOf } from './judge.ts'
import { readXfails } from './read-xfails.ts'

const XFAILS = readXfails(new URL('agent/xfails.json', import.meta.url))
let bench: Bench

beforeAll(async () => {
  bench = await openAgentBench({ peer: process.env['CONFORMANCE_AGENT'], patience: DEFAULT_PATIENCE })
})
afterAll(() => bench?.close())

test.for(AGENT_CASES.map(({ name, claim }) => ({ name, claim })))('$name: $claim', async ({ name }, { skip }) => {
  const verdict = await bench.run(name)
  const { right, remark } = judge(verdict, XFAILS)
  skip(verdict.outcome === 'skipped', remark)
  expect(right ? '' : remark).toBe('')
})

test('every known failure is one of a case there is', () => {
  expect(strangersOf(XFAILS, AGENT_CASES)).toEqual([])
})
