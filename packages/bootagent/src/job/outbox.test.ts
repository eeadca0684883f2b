import { describe, expect, test } from 'vitest'
import { exampleJob, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import type { JobRecord, Metafile } from '../state/metafile-schema.ts'
import { acknowledge, unacknowledged } from './outbox.ts'

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
  test('for a week from its acknowledgement', () => {
    const before = withJobs({ old: done({ acknowledged: NOW - WEEK - 1 }), young: done({ acknowledged: NOW - WEEK }) })
    expect(Object.keys(acknowledge(NOTHING, NOW)(before).jobs)).toEqual(['young'])
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
