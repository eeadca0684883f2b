import { PROBLEMS, type ProblemCode } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { ServerError } from '../errors.ts'
import { refusalOf } from './problem.ts'

test.each(Object.keys(PROBLEMS) as ProblemCode[])('%s is sent with its status and its own words', (code) => {
  const { status, problem } = refusalOf(new ServerError(code, 'why'))
  expect([status, problem]).toEqual([PROBLEMS[code], { code, message: 'why' }])
})

// The text of an unexpected error may hold a path, a query or a secret.
test.each([new Error('secret'), new ServerError('cannot-start', 'secret'), 'secret', undefined, null])(
  'what was not thrown on purpose is told to nobody',
  (error) => {
    const { status, problem } = refusalOf(error)
    expect([status, problem.code]).toEqual([500, 'internal'])
    expect(problem.message).not.toContain('secret')
  },
)
