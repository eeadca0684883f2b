import { ERRORS, jobKey } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { exampleJob, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import { acceptJobs } from './accept.ts'
import { callOff } from './call-off.ts'

const NOW = 1_700_000_000
const STOP = { id: 'j-1', action: 'stop', name: 'metrics' }
const KEY = jobKey(STOP)
const CANCEL = { id: 'c-1', action: 'cancel', job: 'j-1' }
const CANCELLED = { id: 'j-1', errcode: ERRORS.cancelled.errcode, action: 'stop', name: 'metrics' }

describe('a job that is called off', () => {
  test('ends in the same write, when it has not begun', () => {
    const { jobs } = callOff(KEY, 'c')(exampleMetafile({ jobs: { [KEY]: exampleJob() } }))
    const result = { ...CANCELLED, message: 'called off before it had begun' }
    expect(jobs[KEY]).toEqual(exampleJob({ state: 'done', result }))
  })

  test('is marked, when it is at work, and goes on until it has found its way out', () => {
    const { jobs } = callOff(KEY, 'c')(exampleMetafile({ jobs: { [KEY]: exampleJob({ state: 'running' }) } }))
    expect(jobs[KEY]).toEqual(exampleJob({ state: 'running', calledOff: 'c' }))
  })

  test('is left as it is, at no write, when it has ended or was never there', () => {
    const done = exampleMetafile({ jobs: { [KEY]: exampleJob({ state: 'done', result: { ...CANCELLED, message: '' } }) } })
    expect(callOff(KEY, 'c')(done)).toBe(done)
    expect(callOff('another', 'c')(done)).toBe(done)
  })
})

// Replies may be lost, and what they carried comes in any order: a job and its cancel end the same way whichever is first.
describe('a job that comes after its cancel', () => {
  test.each([
    ['in one reply', (): unknown[][] => [[CANCEL, STOP]]],
    ['in the next', (): unknown[][] => [[CANCEL], [STOP]]],
  ])('%s is answered at the door, and never begun', (_, replies) => {
    const metafile = replies().reduce((before, reply) => acceptJobs(before, reply, NOW).metafile, exampleMetafile())
    expect(metafile.jobs[KEY]).toMatchObject({ state: 'done', result: CANCELLED })
  })

  test('is taken when the cancel names another agent, or another job', () => {
    const { taken } = acceptJobs(exampleMetafile(), [{ ...CANCEL, name: 'logs' }, { ...CANCEL, job: 'j-9' }, STOP], NOW)
    expect(taken).toContainEqual(STOP)
  })

  test('is no cancel: nobody calls those off', () => {
    const other = { id: 'c-2', action: 'cancel', job: 'j-1' }
    expect(acceptJobs(exampleMetafile(), [{ ...CANCEL, job: 'c-2' }, other], NOW).taken).toHaveLength(2)
  })
})

test('a job that was taken before its cancel came is not refused when it is offered again', () => {
  const { metafile } = acceptJobs(exampleMetafile(), [STOP, CANCEL], NOW)
  expect(acceptJobs(metafile, [STOP], NOW).repeated).toEqual([KEY])
})
