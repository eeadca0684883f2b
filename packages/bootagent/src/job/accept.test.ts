import { ERRORS, jobKey, MAX_OPEN_JOBS } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { exampleJob, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import { type Metafile, readMetafile } from '../state/metafile-schema.ts'
import { acceptJobs } from './accept.ts'

const NOW = 1_700_000_000
const STOP = { id: 'j-1', action: 'stop', name: 'metrics' }
const KEY = jobKey(STOP)
const RESULT = { id: 'j-1', errcode: 0, message: 'metrics is stopped' }

/** A metafile as the next start reads it. */
function reread(metafile: Metafile): Metafile {
  const reading = readMetafile(JSON.stringify(metafile))
  if (reading.kind !== 'ok') throw new Error(`the metafile cannot be read: ${JSON.stringify(reading)}`)
  return reading.metafile
}

describe('a job that can be read', () => {
  test('is taken, whole, with the time it came', () => {
    const { metafile, taken } = acceptJobs(exampleMetafile(), [STOP], NOW)
    expect(taken).toEqual([STOP])
    expect(reread(metafile).jobs).toEqual({ [KEY]: { job: STOP, state: 'accepted', accepted: NOW } })
  })

  test('that comes twice in one reply is taken once', () => {
    const { metafile, taken, repeated } = acceptJobs(exampleMetafile(), [STOP, STOP], NOW)
    expect([taken, repeated, Object.keys(metafile.jobs)]).toEqual([[STOP], [KEY], [KEY]])
  })

  // The seed's own example gives one id to an install and a config.
  test('is told from another of the same id by its action and its agent', () => {
    const jobs = [STOP, { ...STOP, action: 'start' }, { ...STOP, name: 'logs' }, { id: 'j-1', action: 'config', step: 60 }]
    expect(acceptJobs(exampleMetafile(), jobs, NOW).taken).toEqual(jobs)
  })
})

describe('a job that is known', () => {
  test.each(['accepted', 'running'] as const)('and %s is left as it is, at no write', (state) => {
    const before = exampleMetafile({ jobs: { [KEY]: exampleJob({ state }) } })
    const { metafile, repeated, taken } = acceptJobs(before, [STOP], NOW)
    expect(metafile).toBe(before)
    expect([repeated, taken]).toEqual([[KEY], []])
  })

  test('and done is answered by its stored result again, not done again', () => {
    const done = exampleJob({ state: 'done', result: RESULT, acknowledged: NOW })
    const { metafile, taken } = acceptJobs(exampleMetafile({ jobs: { [KEY]: done } }), [STOP], NOW)
    expect(taken).toEqual([])
    expect(metafile.jobs[KEY]).toEqual(exampleJob({ state: 'done', result: RESULT }))
  })

  test('and done, and not yet acknowledged, costs no write', () => {
    const before = exampleMetafile({ jobs: { [KEY]: exampleJob({ state: 'done', result: RESULT }) } })
    expect(acceptJobs(before, [STOP], NOW).metafile).toBe(before)
  })

  test('and was refused is refused by the same words', () => {
    const bad = { id: 'j-1', action: 'explode', name: 'metrics' }
    const { metafile: once, refused } = acceptJobs(exampleMetafile(), [bad], NOW)
    const { metafile: twice, ...second } = acceptJobs(once, [bad], NOW + 600)
    expect(twice).toBe(once)
    expect([refused.length, second.refused, second.repeated]).toEqual([1, [], [jobKey(bad)]])
  })
})

describe('a job that cannot be done', () => {
  test.each([
    ['no action', { id: 'j-1' }, 'action-missing', {}],
    [
      'an action nobody knows',
      { id: 'j-1', action: 'explode', name: 'metrics' },
      'action-unknown',
      { action: 'explode', name: 'metrics' },
    ],
    ['a name that leads elsewhere', { id: 'j-1', action: 'stop', name: '../x' }, 'name-bad', { action: 'stop' }],
    ['our own name', { id: 'j-1', action: 'stop', name: 'BootAgent' }, 'own-name', { action: 'stop', name: 'BootAgent' }],
    [
      'no checksum',
      { id: 'j-1', action: 'install', name: 'a', url: 'http://x/a.tgz' },
      'checksum-bad',
      { action: 'install', name: 'a' },
    ],
  ] as const)('for %s is answered at the door, and the answer is kept', (_, job, reason, echo) => {
    const { metafile, refused, taken } = acceptJobs(exampleMetafile(), [job], NOW)
    const answer = { id: 'j-1', errcode: ERRORS[reason].errcode, message: expect.stringMatching(/./), ...echo }
    expect([taken, refused]).toEqual([[], [answer]])
    expect(Object.values(reread(metafile).jobs)).toEqual([{ job: null, state: 'done', accepted: NOW, result: answer }])
  })

  test.each([
    [null],
    [7],
    ['stop'],
    [[]],
    [{}],
    [{ action: 'stop', name: 'metrics' }],
    [{ ...STOP, id: 7 }],
    [{ ...STOP, id: '' }],
  ])('and cannot be answered becomes an event: %j', (entry) => {
    const { metafile, refused, taken } = acceptJobs(exampleMetafile(), [entry], NOW)
    expect([taken, refused, metafile.jobs]).toEqual([[], [], {}])
    expect(reread(metafile).events).toMatchObject([{ category: 'job-unanswerable', timestamp: NOW }])
  })

  // The server offers it at every report, and cannot be told: one event says it until it is sent.
  test('and cannot be answered is told once, however often it comes', () => {
    const once = acceptJobs(exampleMetafile(), [{}, {}], NOW).metafile
    expect(once.events).toHaveLength(1)
    expect(acceptJobs(once, [{}], NOW + 600).metafile).toBe(once)
  })

  test('does not harm the others of its reply', () => {
    const start = { ...STOP, id: 'j-2', action: 'start' }
    const { taken, refused } = acceptJobs(exampleMetafile(), [null, STOP, { id: 'j-3', action: 'explode' }, start, 'x'], NOW)
    expect([taken, refused.map(({ id }) => id)]).toEqual([[STOP, start], ['j-3']])
  })
})

describe(`${MAX_OPEN_JOBS} open jobs`, () => {
  const many = Array.from({ length: MAX_OPEN_JOBS + 2 }, (_, n) => ({ ...STOP, id: `j-${n}` }))

  test('are the most that is taken; the rest is left for the server to offer again', () => {
    const { metafile, taken, left } = acceptJobs(exampleMetafile(), many, NOW)
    expect([taken.length, left, Object.keys(metafile.jobs).length]).toEqual([MAX_OPEN_JOBS, 2, MAX_OPEN_JOBS])
  })

  // What is to empty a full queue must not be kept out by it.
  test('leave room for cancels, which are bounded by themselves', () => {
    const { metafile } = acceptJobs(exampleMetafile(), many, NOW)
    const cancels = many.map(({ id }) => ({ id: `c-${id}`, action: 'cancel', job: id }))
    const { taken, left } = acceptJobs(metafile, cancels, NOW)
    expect([taken.length, left]).toEqual([MAX_OPEN_JOBS, 2])
  })

  test('leave room for refusals, which are done as they come', () => {
    const { metafile } = acceptJobs(exampleMetafile(), many, NOW)
    expect(acceptJobs(metafile, [{ id: 'bad', action: 'explode' }], NOW).refused).toHaveLength(1)
  })

  test('leave room again as soon as one is done', () => {
    const { metafile } = acceptJobs(exampleMetafile(), many, NOW)
    const jobs = { ...metafile.jobs, [jobKey(many[0] ?? STOP)]: exampleJob({ state: 'done', result: RESULT }) }
    const next = acceptJobs({ ...metafile, jobs }, many, NOW)
    expect([next.taken.map(({ id }) => id), next.left]).toEqual([[`j-${MAX_OPEN_JOBS}`], 1])
  })
})
