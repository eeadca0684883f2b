import { expect, test } from 'vitest'
import { JOBS } from './job.ts'
import { knowsField } from './knows-field.ts'

test.each([
  'name',
  'limits',
  'limits.memory',
  'limits.disk.read_iops',
  'envs.ANYTHING',
  'run.exec',
  'health.port',
  'health.kind',
])('an install knows %s', (path) => {
  expect(knowsField(JOBS.install, path)).toBe(true)
})

test.each(['priority', 'limits.gpu', 'name.first', 'envs.A.B', 'health.constructor', 'toString', '__proto__', 'run.', ''])(
  'an install does not know "%s"',
  (path) => {
    expect(knowsField(JOBS.install, path)).toBe(false)
  },
)
