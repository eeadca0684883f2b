import { expect, test } from 'vitest'
import { exampleJob, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import type { JobRecord } from '../state/metafile-schema.ts'
import { nextJobs } from './next-jobs.ts'

type Open = readonly [action: string, agent?: string, state?: JobRecord['state']]

/** The jobs that may be worked on, of those in the order of their acceptance; each is known by its place and action. */
function next(open: readonly Open[], busy: readonly string[] = []): string[] {
  const jobs = open.map(([action, name, state = 'accepted'], place) => {
    const job = { id: `j-${place}`, action, ...(name === undefined ? {} : { name }) }
    return [`${place} ${action}`, exampleJob({ job, state })] as const
  })
  return nextJobs(exampleMetafile({ jobs: Object.fromEntries(jobs) }), new Set(busy))
}

test('with no job there is nothing to do', () => {
  expect(next([])).toEqual([])
})

test('what is done is not done again', () => {
  expect(next([['install', 'metrics', 'done']])).toEqual([])
})

test('jobs of one agent come one at a time, in the order they were accepted', () => {
  const open: Open[] = [
    ['install', 'metrics'],
    ['upgrade', 'metrics'],
  ]
  expect(next(open)).toEqual(['0 install'])
  expect(next(open, ['0 install'])).toEqual([])
  expect(next([['install', 'metrics', 'done'], ...open.slice(1)])).toEqual(['1 upgrade'])
})

test('jobs of different agents go side by side', () => {
  expect(
    next([
      ['install', 'metrics'],
      ['install', 'logs'],
      ['stop', 'metrics', 'done'],
    ]),
  ).toEqual(['0 install', '1 install'])
  expect(
    next(
      [
        ['install', 'metrics'],
        ['install', 'logs'],
      ],
      ['0 install'],
    ),
  ).toEqual(['1 install'])
})

test.each(['stop', 'restart'])('%s goes ahead of what waits', (urgent) => {
  expect(
    next([
      ['install', 'metrics'],
      ['uninstall', 'metrics'],
      [urgent, 'metrics'],
    ]),
  ).toEqual([`2 ${urgent}`])
})

test.each(['start', 'reset', 'rollback', 'uninstall'])('%s waits for its turn', (patient) => {
  expect(
    next([
      ['install', 'metrics'],
      [patient, 'metrics'],
    ]),
  ).toEqual(['0 install'])
})

test('of two that go ahead the first accepted is first', () => {
  expect(
    next([
      ['install', 'metrics'],
      ['restart', 'metrics'],
      ['stop', 'metrics'],
    ]),
  ).toEqual(['1 restart'])
})

test('what is at work is not overtaken', () => {
  expect(
    next(
      [
        ['install', 'metrics', 'running'],
        ['stop', 'metrics'],
      ],
      ['0 install'],
    ),
  ).toEqual([])
})

test('a cancel waits for nobody, not even for another cancel', () => {
  const open: Open[] = [['install', 'metrics', 'running'], ['cancel', 'metrics'], ['cancel'], ['config']]
  expect(next(open, ['0 install', '3 config'])).toEqual(['1 cancel', '2 cancel'])
})

// Another job would find the agent half way.
test('what had begun before a crash is finished first', () => {
  expect(
    next([
      ['install', 'metrics'],
      ['upgrade', 'metrics', 'running'],
      ['stop', 'metrics'],
    ]),
  ).toEqual(['1 upgrade'])
})

test('the host’s own configuration waits for no agent, and its jobs for each other', () => {
  expect(next([['install', 'metrics'], ['config'], ['config']])).toEqual(['0 install', '1 config'])
  expect(next([['config'], ['config'], ['stop', 'metrics']], ['0 config'])).toEqual(['2 stop'])
})
