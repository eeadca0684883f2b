import { jobKey } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { exampleJob, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import type { JobRecord } from '../state/metafile-schema.ts'
import { toldProgress } from './told-progress.ts'

type Entry = readonly [id: string, action: string, name?: string | undefined, changes?: Partial<JobRecord>]

function stagesOf(entries: readonly Entry[], progress: Readonly<Record<string, string>> = {}): Record<string, string> {
  const jobs = entries.map(([id, action, name, changes]) => {
    const job = { id, action, ...(name === undefined ? {} : { name }) }
    return [jobKey(job), exampleJob({ job, ...changes })] as const
  })
  const told = jobs.flatMap(([key, { job }]) => {
    const stage = progress[job?.id ?? '']
    return job === null || stage === undefined ? [] : [[key, { id: job.id, action: job.action, stage }] as const]
  })
  const all = toldProgress(exampleMetafile({ jobs: Object.fromEntries(jobs) }), new Map(told))
  return Object.fromEntries(all.map(({ id, stage }) => [id, stage]))
}

test('a job that waits says for which', () => {
  const entries: Entry[] = [
    ['a', 'upgrade', 'metrics', { state: 'running' }],
    ['b', 'start', 'metrics'],
    ['c', 'install', 'logs'],
  ]
  expect(stagesOf(entries, { a: 'download it' })).toEqual({
    a: 'download it',
    b: 'waits for the upgrade of job a',
    c: 'about to begin',
  })
})

test('a job between two of its steps is on its way', () => {
  expect(stagesOf([['a', 'upgrade', 'metrics', { state: 'running' }]])).toEqual({ a: 'about to go on' })
})

test('a cancel waits for nobody', () => {
  const entries: Entry[] = [
    ['a', 'config', undefined, { state: 'running' }],
    ['b', 'cancel'],
  ]
  expect(stagesOf(entries, { a: 'try the servers' })).toEqual({ a: 'try the servers', b: 'about to begin' })
})

test('what has ended, and what an operator ordered here, is not told', () => {
  const entries: Entry[] = [
    ['a', 'stop', 'metrics', { state: 'done' }],
    ['b', 'stop', 'metrics', { local: true }],
  ]
  expect(stagesOf(entries, { a: 'stop it', b: 'stop it' })).toEqual({})
})

test('all that is told of a waiting job names it as its result will', () => {
  const jobs = { key: exampleJob() }
  expect(toldProgress(exampleMetafile({ jobs }), new Map())).toEqual([
    { id: 'j-1', action: 'stop', name: 'metrics', stage: 'about to begin' },
  ])
})
