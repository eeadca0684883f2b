import { describe, expect, test } from 'vitest'
import {
  exampleAgent,
  exampleExit,
  exampleJob,
  exampleMetafile,
  exampleRelease,
  exampleTrial,
  NEW,
  OLD,
} from '../../test/scenes/example-metafile.ts'
import { pathsOf } from '../state/paths.ts'
import { DEFAULT_POLICY } from '../supervise/restart-policy.ts'
import { type AgentPicture, hostPicture, type PictureFacts } from './picture.ts'

const FACTS: PictureFacts = {
  metafile: exampleMetafile({ agents: { metrics: exampleAgent() } }),
  views: new Map(),
  usage: new Map(),
  particulars: () => ({}),
  policy: DEFAULT_POLICY,
  paths: pathsOf('/home', '/run'),
  host: { running: true, version: '1.2.3', bootid: 'this boot', uptime: 61.7 },
  now: 1_700_000_000,
  uptime: 5000,
}

function pictureOf(changes: Partial<PictureFacts>, agent = exampleAgent()): AgentPicture {
  const metafile = exampleMetafile({ agents: { metrics: agent } })
  const [picture] = hostPicture({ ...FACTS, metafile, ...changes }).agents
  if (picture === undefined) throw new Error('there is no agent')
  return picture
}

test('the host is shown with what waits to be told and to be done', () => {
  const metafile = exampleMetafile({
    jobs: { a: exampleJob(), b: exampleJob({ state: 'done' }) },
    events: [{ id: 'e', timestamp: 1, category: 'c', message: 'm' }],
  })
  expect(hostPicture({ ...FACTS, metafile })).toEqual({
    agentsn: 'host-1',
    running: true,
    version: '1.2.3',
    bootid: 'this boot',
    uptime: 61,
    eventsWaiting: 1,
    jobsOpen: 1,
    agents: [],
  })
})

test('an agent nobody has looked at yet is shown from its record', () => {
  expect(pictureOf({})).toEqual({
    name: 'metrics',
    release: OLD,
    version: '1.0.0',
    wanted: 'running',
    state: 'stopped',
    status: 'stoped',
    reason: 'not yet looked at',
    uptime: 0,
    restarts: 0,
    strikes: 0,
    strikesAllowed: 3,
    fatal: false,
    exits: [],
    failed: [],
    limits: [],
    log: { path: '/home/agents/metrics/log/output.log' },
  })
})

describe('times are those of the wall', () => {
  test('a process runs since its start', () => {
    const views = new Map([['metrics', { state: 'running', reason: 'its process runs', pid: 7, uptime: 100.9 } as const]])
    expect(pictureOf({ views })).toMatchObject({ pid: 7, uptime: 100, since: 1_699_999_900 })
  })

  test('without a process it is since the end of the last', () => {
    expect(pictureOf({}, exampleAgent({ exits: [exampleExit({ time: 1_699_000_000 })] })).since).toBe(1_699_000_000)
  })

  test.each([
    [5060.5, 1_700_000_061],
    // Due already, and about to be.
    [4000, 1_700_000_000],
  ])('a start at %i s after boot is at %i', (nextStart, at) => {
    const views = new Map([['metrics', { state: 'waiting', reason: 'r', cause: 'oom', uptime: 0, nextStart } as const]])
    expect(pictureOf({ views })).toMatchObject({ nextStart: at, status: 'killed', cause: 'oom' })
  })
})

test('an agent’s own policy says how many strikes it has', () => {
  const releases = { [OLD]: exampleRelease({ restart: { strikes: 7 } }) }
  expect(pictureOf({}, exampleAgent({ releases, strikes: 2 }))).toMatchObject({ strikes: 2, strikesAllowed: 7 })
})

test('exits are told in the words of the record, latest last', () => {
  const exits = [exampleExit({ code: 0, abnormal: false }), exampleExit({ lived: 12.4, cause: 'exit-code' })]
  expect(pictureOf({}, exampleAgent({ exits })).exits).toEqual([
    { time: 1_700_000_000, release: NEW, how: 'ended with exit code 0', lived: 12, abnormal: false },
    { time: 1_700_000_000, release: NEW, how: 'ended with exit code 3', cause: 'exit-code', lived: 12, abnormal: true },
  ])
})

test('a trial is shown with what comes back should it fail', () => {
  const agent = exampleAgent({ previous: OLD, trial: exampleTrial({ failure: 'it failed' }) })
  expect(pictureOf({}, agent)).toMatchObject({
    previous: OLD,
    trial: { job: 'the job', from: OLD, seconds: 60, failure: 'it failed' },
  })
})

describe('limits', () => {
  const limited = exampleAgent({ releases: { [OLD]: exampleRelease({ limits: { CPU: '10%', pids: 5 } }) } })

  test('are those that were asked for, where nobody says what has become of them', () => {
    expect(pictureOf({}, limited).limits).toEqual([
      { limit: 'CPU', value: '10%' },
      { limit: 'pids', value: '5' },
    ])
  })

  test('are those that somebody knows of', () => {
    const limits = [{ limit: 'CPU', value: '10%', how: 'advisory', why: 'no cgroups' } as const]
    const particulars = () => ({ limits, health: { kind: 'tcp', ready: true } as const, log: { bytes: 5 } })
    expect(pictureOf({ particulars }, limited)).toMatchObject({
      limits,
      health: { kind: 'tcp', ready: true },
      log: { path: '/home/agents/metrics/log/output.log', bytes: 5 },
    })
  })
})

test('an agent whose first release is being installed has none', () => {
  expect(pictureOf({}, exampleAgent({ release: null, releases: {} }))).toMatchObject({ release: '', version: '' })
})
