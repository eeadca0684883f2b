import { ERRORS, type Job } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
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
import { type AgentRecord, type Metafile, readMetafile } from '../state/metafile-schema.ts'
import { finishJob, resultOf } from './finish.ts'

const JOB: Job = { id: 'j-1', action: 'stop', name: 'metrics' }
const RESULT = { id: 'j-1', errcode: 0, message: 'done', action: 'stop', name: 'metrics' }
const NEWEST = '3.0.0-33333333'

function finished(agent: AgentRecord | undefined, more: Metafile['agents'] = {}): Metafile {
  const agents = { ...(agent === undefined ? {} : { metrics: agent }), ...more }
  return finishJob('the job', JOB, RESULT)(exampleMetafile({ agents, jobs: { 'the job': exampleJob({ state: 'running' }) } }))
}

describe('in one value', () => {
  test('the job has its result, its trial is over, and releases that are not kept are forgotten', () => {
    const releases = {
      '0.9.0-00000000': exampleRelease({ version: '0.9.0' }),
      ...RELEASES,
      [NEWEST]: exampleRelease({ version: '3.0.0' }),
    }
    const agent = exampleAgent({ release: NEWEST, previous: NEW, releases, trial: exampleTrial({ release: NEWEST, from: NEW }) })
    const { jobs, agents } = finished(agent)
    expect(jobs).toEqual({ 'the job': exampleJob({ state: 'done', result: RESULT }) })
    const kept = { ...RELEASES, [NEWEST]: releases[NEWEST] }
    expect(agents['metrics']).toEqual({ ...agent, trial: null, releases: kept })
  })

  // For whoever wants to look at it, and for the job that forces it.
  test('a release that failed its trial stays, as one of three', () => {
    const trial = exampleTrial({ failure: 'no' })
    const { releases } = finished(exampleAgent({ releases: RELEASES, previous: null, trial })).agents['metrics'] ?? {}
    expect(Object.keys(releases ?? {})).toEqual([OLD, NEW])
  })

  test('an agent that never got a release is gone', () => {
    const unpacked = exampleAgent({ release: null, releases: { [NEW]: exampleRelease() } })
    expect(finished(unpacked, { logs: exampleAgent() }).agents).toEqual({ logs: exampleAgent() })
  })
})

test('the trial of another job goes on', () => {
  const agent = exampleAgent({ release: NEW, previous: OLD, releases: RELEASES, trial: exampleTrial({ job: 'another job' }) })
  expect(finished(agent).agents['metrics']).toEqual(agent)
})

test('the other agents, and an agent that is gone, are left alone', () => {
  const logs = exampleAgent({ release: NEW, previous: null, releases: RELEASES })
  expect(finished(undefined, { logs }).agents).toEqual({ logs })
})

test('a job about the host ends without touching an agent', () => {
  const before = exampleMetafile({ agents: { metrics: exampleAgent({ releases: RELEASES }) }, jobs: { 'the job': exampleJob() } })
  const config: Job = { id: 'j-1', action: 'config', step: 60 }
  expect(finishJob('the job', config, RESULT)(before).agents).toBe(before.agents)
})

test('the first result stands', () => {
  const once = finished(exampleAgent())
  const twice = finishJob('the job', JOB, { ...RESULT, errcode: 1, message: 'another' })(once)
  expect(twice.jobs).toEqual(once.jobs)
})

test('a job that is not on record is not put there', () => {
  const before = exampleMetafile()
  expect(finishJob('the job', JOB, RESULT)(before)).toBe(before)
})

describe('a result', () => {
  test('says which job it is of, and its reason by number', () => {
    const end = { reason: 'agent-missing', message: 'metrics is not installed on this host' } as const
    expect(resultOf(JOB, end)).toEqual({
      id: 'j-1',
      errcode: ERRORS['agent-missing'].errcode,
      message: end.message,
      action: 'stop',
      name: 'metrics',
    })
    expect(resultOf({ id: 'j-1', action: 'config' }, { reason: 'success', message: '' })).not.toHaveProperty('name')
  })

  // What the schema refuses would make the whole metafile unreadable at the next start.
  test('is never longer than the metafile takes', () => {
    const result = resultOf(JOB, { reason: 'internal', message: 'x😀'.repeat(10_000) })
    const jobs = { 'the job': exampleJob({ state: 'done', result }) }
    expect(readMetafile(JSON.stringify(exampleMetafile({ jobs }))).kind).toBe('ok')
  })
})
