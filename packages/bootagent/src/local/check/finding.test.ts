import { expect, test } from 'vitest'
import { fail, ok, warn, worst } from './finding.ts'

test('the worst of several is the first of the worst', () => {
  const [good, first, second] = [ok('good'), warn('first', 'a'), warn('second', 'a')]
  expect(worst([good, first, second], good)).toBe(first)
  expect(worst([first, fail('bad')], good)).toEqual({ verdict: 'FAIL', text: 'bad' })
  expect(worst([], good)).toBe(good)
})
