import { CAUSES, MAX_REPORT_BYTES, StatusReport } from '@bootagent/protocol'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { acknowledge } from '../job/outbox.ts'
import {
  exampleAgent,
  exampleJob,
  exampleMetafile,
  exampleRelease,
  exampleTrial,
  NEW,
  OLD,
  RELEASES,
} from '../../test/scenes/example-metafile.ts'
import type { JobRecord, Metafile } from '../state/metafile-schema.ts'
import type { AgentState, AgentView } from '../supervise/agent-view.ts'
import { composeReport, type ReportFacts } from './report.ts'

const NOW = 1_700_000_000

function factsOf(metafile: Metafile, more: Partial<ReportFacts> = {}): ReportFacts {
  const host = { hostname: 'web-1', version: 'bootagent-0.1.0-x86_64', bootid: 'this boot', os: 'linux', arch: 'x64' }
  return { metafile, views: new Map(), progress: [], host, uptime: 1234.9, now: NOW, ...more }
}

function view(state: AgentState, more: Partial<AgentView> = {}): AgentView {
  return { state, reason: '', uptime: 0, ...more }
}

function done(id: string, message = 'done'): JobRecord {
  return exampleJob({ state: 'done', result: { id, errcode: 0, message } })
}

/** As a server receives it: through JSON, judged by the protocol. */
function received(facts: ReportFacts): StatusReport {
  return v.parse(StatusReport, JSON.parse(JSON.stringify(composeReport(facts).report)))
}

function bytesOf(facts: ReportFacts): number {
  return Buffer.byteLength(JSON.stringify(composeReport(facts).report))
}

describe('what the seed asks for', () => {
  test('is there, and exactly of its types', () => {
    const running = view('running', { uptime: 123.7, pid: 7, attempt: 'a', release: OLD })
    const metafile = exampleMetafile({ agents: { metrics: exampleAgent() }, jobs: { 'a key': done('j-1') } })
    expect(composeReport(factsOf(metafile, { views: new Map([['metrics', running]]) })).report).toMatchObject({
      hostname: 'web-1',
      agentsn: 'host-1',
      version: 'bootagent-0.1.0-x86_64',
      uptime: 1234,
      timestamp: NOW,
      step: 600,
      agents: [{ name: 'metrics', version: '1.0.0', status: 'running', uptime: 123 }],
      jobs: [{ id: 'j-1', errcode: 0, message: 'done' }],
    })
  })

  test('is there when there is nothing to tell', () => {
    expect(received(factsOf(exampleMetafile()))).toMatchObject({ agents: [], jobs: [], progress: [], events: [] })
  })

  // The range of the step is the host's own, in labs well below a second; the protocol knows whole seconds.
  test('is whole seconds, at least one, also of a shorter step', () => {
    expect(received(factsOf(exampleMetafile({ step: 0.05 }))).step).toBe(1)
    expect(received(factsOf(exampleMetafile({ step: 1.6 }))).step).toBe(2)
  })
})

describe('an agent', () => {
  const STATUS: Readonly<Record<AgentState, string>> = {
    stopped: 'stoped',
    starting: 'running',
    running: 'running',
    stopping: 'running',
    waiting: 'stoped',
    fatal: 'fatal',
  }

  test.each(Object.entries(STATUS))('that is %s is told by the seed’s word %s, and exactly beside it', (state, status) => {
    const views = new Map([['metrics', view(state as AgentState, { reason: 'it is so' })]])
    const [agent] = received(factsOf(exampleMetafile({ agents: { metrics: exampleAgent() } }), { views })).agents
    expect(agent).toMatchObject({ status, state, reason: 'it is so', release: OLD })
  })

  // Seed 001: killed is for using more than it may; any other end it waits out is `stoped`.
  test('that waits after its end is killed if that was for its limits, and the cause is told in either case', () => {
    const told = [...CAUSES, undefined].map((cause) => {
      const views = new Map([['metrics', view('waiting', cause === undefined ? {} : { cause })]])
      const [agent] = received(factsOf(exampleMetafile({ agents: { metrics: exampleAgent() } }), { views })).agents
      expect(agent?.cause).toBe(cause)
      return [cause, agent?.status] as const
    })
    expect(told.filter(([, status]) => status === 'killed').map(([cause]) => cause)).toEqual(['oom', 'over-limit'])
    expect(told.filter(([, status]) => status === 'stoped')).toHaveLength(CAUSES.length - 1)
  })

  test('that was given up is fatal, whatever it died of', () => {
    const views = new Map([['metrics', view('fatal', { cause: 'oom' })]])
    expect(received(factsOf(exampleMetafile({ agents: { metrics: exampleAgent() } }), { views })).agents).toMatchObject([
      { status: 'fatal', cause: 'oom' },
    ])
  })

  test('is told with how often it was started again, and with what it uses while it runs', () => {
    const usage = new Map(['metrics', 'logs'].map((name) => [name, { cpu: 12.3456, rss: 1024.5, fds: 9, processes: 2 }]))
    const views = new Map([
      ['metrics', view('running', { pid: 7 })],
      ['logs', view('waiting')],
    ])
    const agents = { metrics: exampleAgent({ restarts: 3 }), logs: exampleAgent() }
    const [metrics, logs] = received(factsOf(exampleMetafile({ agents }), { views, usage })).agents
    expect(metrics).toMatchObject({ restarts: 3, resource: { cpu: 12.3, rss: 1025, fds: 9 } })
    expect([logs?.restarts, logs?.resource]).toEqual([0, undefined])
  })

  test('that nobody has looked at is stopped', () => {
    expect(received(factsOf(exampleMetafile({ agents: { metrics: exampleAgent() } }))).agents).toMatchObject([
      { status: 'stoped', uptime: 0 },
    ])
  })

  test('on trial is told by the release it is to run', () => {
    const agent = exampleAgent({ release: NEW, previous: OLD, releases: RELEASES, trial: exampleTrial() })
    const [told] = received(
      factsOf(exampleMetafile({ agents: { metrics: agent } }), { views: new Map([['metrics', view('running')]]) }),
    ).agents
    expect(told).toMatchObject({ version: '2.0.0', release: NEW, state: 'running, on trial' })
  })

  // A server would take it for an agent that is there.
  test('of which a first install is under way is not told', () => {
    expect(received(factsOf(exampleMetafile({ agents: { metrics: exampleAgent({ release: null }) } }))).agents).toEqual([])
  })
})

describe('what is carried', () => {
  const jobs = { first: done('j-1'), open: exampleJob(), sent: { ...done('j-2'), acknowledged: NOW }, second: done('j-3') }
  const events = [{ id: 'e-1', timestamp: NOW, category: 'c', message: 'm' }]

  test('is every result that is not acknowledged and every event, and the report says just that', () => {
    const { report, carried } = composeReport(factsOf(exampleMetafile({ jobs, events })))
    expect(carried).toEqual({ jobs: ['first', 'second'], events: ['e-1'] })
    expect(report.jobs.map(({ id }) => id)).toEqual(['j-1', 'j-3'])
    expect(report.events).toEqual(events)
  })

  // A job at work is told beside the results: a seed-only server would read it as one.
  test('has what is at work beside it', () => {
    const progress = [{ id: 'j-9', action: 'install', name: 'logs', stage: 'download http://x/a.tgz', done: 1, total: 2 }]
    expect(received(factsOf(exampleMetafile(), { progress }))).toMatchObject({ jobs: [], progress })
  })

  test('is valid however long the url that is being fetched', () => {
    const progress = [{ id: 'j-9', action: 'install', stage: `download http://packages.example/${'x'.repeat(2000)}.tar.gz` }]
    expect(received(factsOf(exampleMetafile(), { progress })).progress).toHaveLength(1)
  })
})

describe('64 KB', () => {
  // Everything as long as the protocol allows, in letters of three bytes where any may stand.
  const names = Array.from({ length: 200 }, (_, n) => `${n}-`.padEnd(50, 'a'))
  const version = '9.'.repeat(32)
  const release = `${version}-99999999`
  const agent = exampleAgent({ release, releases: { [release]: exampleRelease({ version }) }, trial: exampleTrial() })
  const views = new Map(
    names.map((name) => [name, view('running', { reason: '长'.repeat(300), uptime: 10 ** 9, pid: 4_194_304, release })]),
  )
  const usage = new Map(names.map((name) => [name, { cpu: 6399.9, rss: 2 ** 52, fds: 1_048_576, processes: 4096 }]))
  const progress = Array.from({ length: 50 }, (_, n) => ({
    id: `${n}`.padEnd(127, 'x'),
    action: 'install',
    name: names[n] ?? '',
    stage: '长'.repeat(2000),
  }))
  const jobs = Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`key ${n}`, done(`j-${n}`, '长'.repeat(500))]))
  const events = Array.from({ length: 200 }, (_, n) => ({
    id: `e-${n}`,
    timestamp: NOW,
    category: 'c',
    message: 'm'.repeat(500),
  }))
  const agents = Object.fromEntries(names.map((name) => [name, agent]))
  const worst = factsOf(exampleMetafile({ agents, jobs, events }), { views, usage, progress })

  test('are enough for 200 agents, 50 jobs at work and 1,000 results, and the report is valid', () => {
    expect(bytesOf(worst)).toBeLessThanOrEqual(MAX_REPORT_BYTES)
    expect(received(worst).agents).toHaveLength(200)
  })

  test('have room for a result even then: no host is full for ever', () => {
    expect(composeReport(worst).carried.jobs.length).toBeGreaterThan(0)
  })

  test('carry results before events, and the oldest of both first', () => {
    const { carried, report } = composeReport(factsOf(exampleMetafile({ jobs, events })))
    expect(carried.jobs).toEqual(Object.keys(jobs).slice(0, carried.jobs.length))
    expect(report.jobs.map(({ id }) => id)).toEqual(carried.jobs.map((key) => key.replace('key ', 'j-')))
    const alone = composeReport(factsOf(exampleMetafile({ events }))).carried.events
    expect(alone).toEqual(events.slice(0, alone.length).map(({ id }) => id))
    expect(carried.events.length).toBeLessThan(alone.length)
  })

  test('tell all that is known of ordinary agents, 200 of them', () => {
    const ordinary = factsOf(
      exampleMetafile({ agents: Object.fromEntries(names.map((name) => [name.slice(0, 12), exampleAgent()])) }),
      {
        views: new Map(
          names.map((name) => [name.slice(0, 12), view('waiting', { reason: 'ended with exit code 1; strike 2 of 3' })]),
        ),
      },
    )
    expect(received(ordinary).agents.every(({ reason, release: told }) => reason !== undefined && told === OLD)).toBe(true)
  })

  // Why an agent waits is worth more than what it used: causes and reasons stay when the figures must go.
  test('lose figures before reasons', () => {
    const short = names.map((name) => name.slice(0, 12))
    const reasons = new Map(short.map((name) => [name, view('running', { pid: 7, cause: 'oom', reason: 'at its limit' })]))
    const figures = new Map(short.map((name) => [name, { cpu: 99.9, rss: 123_456_789, fds: 100, processes: 3 }]))
    const report = (count: number) => {
      const some = Object.fromEntries(short.slice(0, count).map((name) => [name, exampleAgent()]))
      return received(factsOf(exampleMetafile({ agents: some }), { views: reasons, usage: figures })).agents
    }
    expect(report(20).every(({ resource, restarts, reason }) => resource && restarts === 0 && reason)).toBe(true)
    const many = report(200)
    expect(many.every(({ cause, reason }) => cause === 'oom' && reason === 'at its limit')).toBe(true)
    expect(many.some(({ resource }) => resource !== undefined)).toBe(false)
  })

  test('lose nothing: what one report leaves behind the next ones carry, to the last', () => {
    const told: string[] = []
    let { metafile } = worst
    for (let round = 0; round < 1000; round += 1) {
      const { carried } = composeReport({ ...worst, metafile })
      if (carried.jobs.length + carried.events.length === 0) break
      told.push(...carried.jobs, ...carried.events)
      metafile = acknowledge(carried, NOW)(metafile)
    }
    expect(told).toEqual([...Object.keys(jobs), ...events.map(({ id }) => id)])
  })
})
