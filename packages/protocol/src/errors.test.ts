import { expect, test } from 'vitest'
import { ERRORS, type Reason, reasonOf } from './errors.ts'

const REASONS = Object.keys(ERRORS) as Reason[]

test('every number has one reason', () => {
  const numbers = REASONS.map((reason) => ERRORS[reason].errcode)
  expect(new Set(numbers).size).toBe(numbers.length)
})

test('0 is success and nothing else is', () => {
  expect(REASONS.filter((reason) => ERRORS[reason].errcode === 0)).toEqual(['success'])
})

test.each(REASONS.filter((reason) => reason !== 'success'))(
  '%s is of component 003, with a class and a number from 1',
  (reason) => {
    expect(String(ERRORS[reason].errcode).padStart(10, '0')).toMatch(/^003\d{3}(?!0000)\d{4}$/)
  },
)

test.each(REASONS)('%s is found by its number, and says what it means in a sentence', (reason) => {
  expect(reasonOf(ERRORS[reason].errcode)).toBe(reason)
  expect(ERRORS[reason].meaning).toMatch(/^[A-Z].*[^.]$/)
})

test('a number of a later version has no reason here', () => {
  expect(reasonOf(30_999_999)).toBeUndefined()
})

test('a wrong request does not come right by itself', () => {
  expect(REASONS.filter((reason) => ERRORS[reason].fault === 'operator' && ERRORS[reason].retryable)).toEqual([])
})
