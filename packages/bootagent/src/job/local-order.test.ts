import { type JobProgress, jobKey, MAX_OPEN_JOBS } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { exampleJob, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import type { Metafile } from '../state/metafile-schema.ts'
import { acceptJobs } from './accept.ts'
import { finishJob, resultOf } from './finish.ts'
import { nextJobRecord } from './job-state.ts'
import { closeOrder, orderJob, takeOrder } from './local-order.ts'
import { nextJobs } from './next-jobs.ts'
import { unacknowledged } from './outbox.ts'
import { toldProgress } from './told-progress.ts'

const NOW = 1_700_000_000
const ORDER = orderJob('stop', 'metrics', 'a')
const KEY = jobKey(ORDER)

function ended(metafile: Metafile): Metafile {
  const result = resultOf(ORDER, { reason: 'success', message: 'metrics is stopped' })
  return closeOrder(KEY, NOW)(finishJob(KEY, ORDER, result)(metafile))
}

function orders(count: number): Metafile {
  return Array.from({ length: count }, (_, n) => takeOrder(orderJob('stop', 'metrics', String(n)), NOW)).reduce(
    (metafile, take) => take(metafile),
    exampleMetafile(),
  )
}

describe('an order', () => {
  test('is a job of this host', () => {
    expect(takeOrder(ORDER, NOW)(exampleMetafile()).jobs).toEqual({
      [KEY]: { job: { id: 'local-a', action: 'stop', name: 'metrics' }, state: 'accepted', local: true, accepted: NOW },
    })
  })

  test('waits for the server’s job of its agent, and a stop goes ahead of those that wait', () => {
    const waiting = exampleMetafile({ jobs: { server: exampleJob({ job: { id: 'j', action: 'upgrade', name: 'metrics' } }) } })
    const running = exampleMetafile({ jobs: { server: exampleJob({ state: 'running' }) } })
    expect(nextJobs(takeOrder(ORDER, NOW)(waiting), new Set())).toEqual([KEY])
    expect(nextJobs(takeOrder(ORDER, NOW)(running), new Set())).toEqual(['server'])
  })

  test('that has ended is for nobody to fetch, and one event for the server', () => {
    const metafile = ended(takeOrder(ORDER, NOW)(exampleMetafile()))
    expect(metafile.jobs[KEY]).toMatchObject({ state: 'done', acknowledged: NOW })
    expect(unacknowledged(metafile)).toEqual([])
    expect(metafile.events).toEqual([
      expect.objectContaining({
        category: 'operator-order',
        subject: 'metrics',
        message: 'an operator at the host asked to stop metrics: metrics is stopped',
      }),
    ])
    expect(closeOrder(KEY, NOW)(metafile)).toBe(metafile)
  })

  test('is not answered to a server that guesses its id', () => {
    const metafile = ended(takeOrder(ORDER, NOW)(exampleMetafile()))
    expect(unacknowledged(acceptJobs(metafile, [ORDER], NOW).metafile)).toEqual([])
    const record = metafile.jobs[KEY] ?? exampleJob()
    expect(nextJobRecord(record, { kind: 'ask-again' })).toBe(record)
  })

  // Without a server nothing else ever forgets one.
  test('of last week is forgotten with the end of another', () => {
    const week = 7 * 86_400 + 1
    const old = { ...exampleJob({ state: 'done', local: true, acknowledged: NOW - week }) }
    expect(Object.keys(ended(takeOrder(ORDER, NOW)(exampleMetafile({ jobs: { old } }))).jobs)).toEqual([KEY])
  })
})

test('a result that only the operator waits for is in no report, acknowledged or not', () => {
  expect(unacknowledged(exampleMetafile({ jobs: { [KEY]: exampleJob({ state: 'done', local: true }) } }))).toEqual([])
})

test('the end of a job of the server is left as it was', () => {
  const done = exampleMetafile({ jobs: { [KEY]: exampleJob({ state: 'done', result: { id: 'j-1', errcode: 0, message: '' } }) } })
  expect(closeOrder(KEY, NOW)(done)).toBe(done)
  expect(closeOrder('unknown', NOW)(done)).toBe(done)
})

describe('the bounds', () => {
  test('sixteen orders may be open, and the next is not taken', () => {
    const full = orders(16)
    expect(Object.keys(full.jobs)).toHaveLength(16)
    expect(takeOrder(ORDER, NOW)(full)).toBe(full)
    expect(takeOrder(ORDER, NOW)(orders(15)).jobs[KEY]).toBeDefined()
  })

  test('a full queue of the server’s jobs leaves room for an order', () => {
    const jobs = Object.fromEntries(Array.from({ length: MAX_OPEN_JOBS }, (_, n) => [`j-${n}`, exampleJob()]))
    expect(takeOrder(ORDER, NOW)(exampleMetafile({ jobs })).jobs[KEY]).toBeDefined()
  })

  test('open orders take room from the server’s jobs', () => {
    const offered = Array.from({ length: MAX_OPEN_JOBS }, (_, n) => ({ id: `j-${n}`, action: 'stop', name: 'logs' }))
    const { taken, left } = acceptJobs(orders(10), offered, NOW)
    expect([taken.length, left]).toEqual([MAX_OPEN_JOBS - 10, 10])
  })
})

test('the server is told how far its own jobs are, and no others', () => {
  const told: JobProgress = { id: 'j-1', action: 'stop', name: 'metrics', stage: 'stop metrics' }
  const progress = new Map([
    ['server', told],
    [KEY, { ...told, id: 'local-a' }],
  ])
  expect(toldProgress(takeOrder(ORDER, NOW)(exampleMetafile({ jobs: { server: exampleJob() } })), progress)).toEqual([told])
})
