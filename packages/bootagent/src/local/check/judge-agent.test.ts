import { describe, expect, test } from 'vitest'
import { exampleAgent, exampleRelease, NEW, OLD, RELEASES } from '../../../test/scenes/example-metafile.ts'
import { fileSetId } from '../../state/file-sets.ts'
import { linkTargets } from '../../state/link-targets.ts'
import type { AgentRecord } from '../../state/metafile-schema.ts'
import { judgeAgent, type SeenAgent } from './judge-agent.ts'

/** An agent of which everything is there. */
function seen(record: Partial<AgentRecord> = {}, changes: Partial<SeenAgent> = {}): SeenAgent {
  const whole = exampleAgent(record)
  return {
    name: 'metrics',
    record: whole,
    failed: [],
    there: { trees: new Set([OLD, NEW]), fileSets: new Set() },
    program: undefined,
    account: undefined,
    lost: [],
    links: linkTargets(whole),
    ...changes,
  }
}

test('an agent of which everything is there is as it should be', () => {
  expect(judgeAgent(seen())).toEqual({
    subject: 'metrics',
    verdict: 'ok',
    text: `to run, release ${OLD}, whole on the disk`,
  })
})

test('one whose first release is being installed is not judged', () => {
  expect(judgeAgent(seen({ release: null, releases: {} }, { there: { trees: new Set(), fileSets: new Set() } })).verdict).toBe(
    'ok',
  )
})

describe('what keeps it from running is a fault, and a warning while it is not to run', () => {
  const files = { 'a.conf': 'digest' }
  test.each<[says: string, agent: SeenAgent]>([
    ['is not on the disk', seen({}, { there: { trees: new Set(), fileSets: new Set() } })],
    ['is not on record', seen({ releases: {} })],
    ['cannot run: the program is not executable', seen({}, { program: 'the program is not executable' })],
    ['no user "metrics"', seen({}, { account: 'this host has no user "metrics": add it' })],
    ['configuration files', seen({ releases: { [OLD]: exampleRelease({ files }) } })],
    ['limits cannot be used', seen({ releases: { [OLD]: exampleRelease({ limits: { CPU: 'much' } }) } })],
  ])('%s', (says, agent) => {
    expect(judgeAgent(agent)).toMatchObject({ verdict: 'FAIL', text: expect.stringContaining(says) })
    const stopped = { ...agent, record: { ...agent.record, wanted: 'stopped' as const } }
    expect(judgeAgent(stopped)).toMatchObject({ verdict: 'warn', text: expect.stringContaining(says) })
  })

  test('its files are found by what is in them', () => {
    const agent = seen({ releases: { [OLD]: exampleRelease({ files }) } })
    const there = { trees: new Set([OLD]), fileSets: new Set([fileSetId(files)]) }
    expect(judgeAgent({ ...agent, there }).verdict).toBe('ok')
  })
})

describe('what does not keep it from running is a warning', () => {
  const failure = { release: NEW, tree: NEW, asked: '', time: 1, why: 'it exited', exits: [], lines: [] }
  test.each<[says: string, agent: SeenAgent]>([
    ['given up after 4 failures in a row', seen({ fatal: true, strikes: 4 })],
    [`release ${NEW} failed its trial: it exited`, seen({}, { failed: [failure] })],
    [
      'to go back to, is not on the disk',
      seen({ previous: NEW, releases: RELEASES }, { there: { trees: new Set([OLD]), fileSets: new Set() } }),
    ],
    ['links that lead astray: current', seen({}, { links: { current: undefined, previous: undefined, config: undefined } })],
    ['do not reach it: a.b', seen({}, { lost: ['a.b'] })],
  ])('%s', (says, agent) => {
    expect(judgeAgent(agent)).toMatchObject({ verdict: 'warn', text: expect.stringContaining(says) })
  })
})

test('an agent has one line: its worst, and how many others there are', () => {
  const agent = seen({ fatal: true, strikes: 4 }, { lost: ['a.b'], program: 'the program is missing' })
  expect(judgeAgent(agent)).toMatchObject({
    verdict: 'FAIL',
    text: `release ${OLD} cannot run: the program is missing, and 2 more`,
  })
})
