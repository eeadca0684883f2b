import { describe, expect, test } from 'vitest'
import { exampleJob, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import type { JobRecord, Metafile } from '../state/metafile-schema.ts'
import { nextJobRecord } from './job-state.ts'
import { acknowledge, askedBy, owed, unacknowledged } from './outbox.ts'

const NOW = 1_700_000_000
const WEEK = 7 * 24 * 3600
const NOTHING = { jobs: [], events: [] }

function done(changes: Partial<JobRecord> = {}): JobRecord {
  return exampleJob({ state: 'done', result: { id: 'j-1', errcode: 0, message: 'done' }, ...changes })
}

function withJobs(jobs: Metafile['jobs']): Metafile {
  return exampleMetafile({ jobs })
}

test('the outbox is every finished job the server has not acknowledged, oldest first', () => {
  const jobs = {
    third: exampleJob({ state: 'running' }),
    second: done(),
    known: done({ acknowledged: NOW }),
    first: done(),
    open: exampleJob(),
  }
  expect(unacknowledged(withJobs(jobs))).toEqual(['second', 'first'])
})

describe('an acknowledgement', () => {
  test('is for what the report carried, and for nothing that has come since', () => {
    const before = withJobs({ carried: done(), since: done() })
    expect(unacknowledged(acknowledge({ jobs: ['carried'], events: [] }, NOW)(before))).toEqual(['since'])
  })

  test('takes the events that were carried, and no other', () => {
    const [first, second] = ['e-1', 'e-2'].map((id) => ({ id, timestamp: NOW, category: 'c', message: 'm' }))
    const before = exampleMetafile({ events: [first, second].filter((each) => each !== undefined) })
    expect(acknowledge({ jobs: [], events: ['e-1', 'e-9'] }, NOW)(before).events).toEqual([second])
  })

  test('of a job that is still at work, or of none we know, acknowledges nothing', () => {
    const before = withJobs({ open: exampleJob(), running: exampleJob({ state: 'running' }) })
    expect(acknowledge({ jobs: ['open', 'running', 'unknown'], events: [] }, NOW)(before)).toEqual(before)
  })

  test('of nothing costs no write', () => {
    const before = withJobs({ open: exampleJob(), sent: done({ acknowledged: NOW }) })
    expect(acknowledge(NOTHING, NOW)(before)).toBe(before)
  })

  test('leaves the jobs in the order of their acceptance', () => {
    const before = withJobs({ b: done(), a: exampleJob(), c: done() })
    expect(Object.keys(acknowledge({ jobs: ['c', 'b'], events: [] }, NOW)(before).jobs)).toEqual(['b', 'a', 'c'])
  })
})

describe('a finished job is kept, to answer a repeat,', () => {
  const many = (count: number, acknowledged: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`${acknowledged}-${n}`, done({ acknowledged })]))

  test('for a week from its acknowledgement', () => {
    const young = many(50, NOW - WEEK)
    const before = withJobs({ old: done({ acknowledged: NOW - WEEK - 1 }), ...young })
    expect(Object.keys(acknowledge(NOTHING, NOW)(before).jobs)).toEqual(Object.keys(young))
  })

  test('while it is among the last fifty, whatever the clock says: it may have been set ahead', () => {
    const before = withJobs({ ...many(10, NOW - 5 * WEEK), ...many(49, NOW - 3 * WEEK), sent: done() })
    expect(Object.keys(acknowledge({ jobs: ['sent'], events: [] }, NOW)(before).jobs)).toEqual([
      ...Object.keys(many(49, NOW - 3 * WEEK)),
      'sent',
    ])
  })

  test('without an end while the server has not acknowledged it', () => {
    const before = withJobs({ done: done({ accepted: 0 }), open: exampleJob({ accepted: 0 }) })
    expect(acknowledge(NOTHING, NOW)(before)).toBe(before)
  })

  test('up to a thousand of them, the oldest going first', () => {
    const many = Object.fromEntries(Array.from({ length: 1002 }, (_, n) => [`j-${n}`, done({ acknowledged: NOW })]))
    const kept = Object.keys(acknowledge(NOTHING, NOW)(withJobs({ open: exampleJob(), ...many, sent: done() })).jobs)
    expect([kept.length, kept[0], kept[1], kept.at(-1)]).toEqual([1002, 'open', 'j-2', 'sent'])
  })
})

// Two servers need not know of each other: whoever asked waits for the result.
describe('a result that another server has acknowledged than the one that asked', () => {
  const asked = withJobs({ a: done({ from: 'http://one' }), b: done({ from: 'http://two' }), c: done() })
  const toTwo = { jobs: ['a', 'b', 'c'], events: [], to: 'http://two' }

  test('is owed to the one that asked, and is no longer in the outbox', () => {
    const after = acknowledge(toTwo, NOW)(asked)
    expect(unacknowledged(after)).toEqual([])
    expect([...owed(after)]).toEqual([['http://one', ['a']]])
  })

  test('is owed to nobody once that one has it', () => {
    const after = acknowledge({ jobs: ['a'], events: [], to: 'http://one' }, NOW)(acknowledge(toTwo, NOW)(asked))
    expect([...owed(after)]).toEqual([])
    expect(after.jobs['a']).toEqual(done({ acknowledged: NOW }))
  })

  test('is owed to nobody a week later: that server never came back', () => {
    const after = acknowledge(NOTHING, NOW + WEEK + 1)(acknowledge(toTwo, NOW)(asked))
    expect([[...owed(after)], Object.keys(after.jobs)]).toEqual([[], ['a', 'b', 'c']])
  })

  test('is not owed at all when an operator here ordered the job', () => {
    expect([...owed(withJobs({ a: done({ from: 'http://one', acknowledged: NOW, local: true }) }))]).toEqual([])
  })
})

describe('who asked for a job', () => {
  test('is noted, and the latest to ask is the one that waits', () => {
    const once = askedBy('http://one', ['a'])(withJobs({ a: exampleJob(), b: exampleJob() }))
    expect(once.jobs).toEqual({ a: exampleJob({ from: 'http://one' }), b: exampleJob() })
    expect(askedBy('http://two', ['a'])(once).jobs['a']?.from).toBe('http://two')
  })

  test('costs no write when it is known, or when there is no such job', () => {
    const before = withJobs({ a: exampleJob({ from: 'http://one' }) })
    expect(askedBy('http://one', ['a', 'z'])(before)).toBe(before)
  })
})

// A thousand are kept for a week, and each write of the metafile writes them all.
test('a thousand finished jobs with the largest settings there are take less than a megabyte', () => {
  const settings = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`KEY_${n}`, 'x'.repeat(32_768)]))
  const finished = Array.from({ length: 1000 }, (_, n) => {
    const id = `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`
    const job = { id, action: 'upgrade', name: 'metrics', url: 'http://p/a.tar.gz', envs: settings }
    const result = { id, errcode: 0, message: 'metrics 1.5.0-4a34b8d7 runs', action: 'upgrade', name: 'metrics' }
    const running = exampleJob({ job, state: 'running', from: 'https://server.example.com:8180' })
    return [id, nextJobRecord(nextJobRecord(running, { kind: 'finish', result }), { kind: 'acknowledge', now: NOW })] as const
  })
  const text = JSON.stringify(withJobs(Object.fromEntries(finished)), undefined, 1)
  expect(text.length).toBeLessThan(1024 ** 2)
})
