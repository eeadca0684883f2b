import { expect, test } from 'vitest'
import { EXITS } from './exit-codes.ts'

// A script branches on the number: two meanings of one number would be no meaning.
test('no two ways to end share a code', () => {
  const codes = Object.values(EXITS).map(({ code }) => code)
  expect(new Set(codes).size).toBe(codes.length)
})
