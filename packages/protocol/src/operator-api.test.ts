import * as v from 'valibot'
import { expect, test } from 'vitest'
import { CreateJob, JobSummary, PROBLEMS, Target } from './operator-api.ts'

test.each<[target: unknown, taken: boolean]>([
  [{ hosts: ['a-1'] }, true],
  [{ hosts: [] }, false],
  [{ hosts: ['no name'] }, false],
  [{ hosts: 'a-1' }, false],
  [{ hosts: Array.from({ length: 1001 }, (_, n) => `a-${n}`) }, false],
  [{ tags: 'svc=ecs,cmpt=DB' }, true],
  // No tags would match every host: who means that says `all`.
  [{ tags: '' }, false],
  [{ all: true }, true],
  [{ all: false }, false],
  [{}, false],
  [null, false],
])('a job for %j is taken: %s', (target, taken) => {
  expect(v.is(CreateJob, { target, action: 'restart', name: 'metrics' })).toBe(taken)
  expect(v.is(Target, target)).toBe(taken)
})

test('a job of an action no host knows is not taken', () => {
  expect(v.is(CreateJob, { target: { all: true }, action: 'reboot' })).toBe(false)
})

test('a summary counts every state a host may be in', () => {
  const summary = { id: 'j-1', action: 'stop', created: 1, counts: { queued: 0, offered: 1, running: 0, succeeded: 2 } }
  expect(v.is(JobSummary, summary)).toBe(false)
  expect(v.is(JobSummary, { ...summary, counts: { ...summary.counts, failed: 0 } })).toBe(true)
})

test('every problem is an HTTP refusal', () => {
  expect(Object.values(PROBLEMS).filter((status) => status < 400 || status > 599)).toEqual([])
})
