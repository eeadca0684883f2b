import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { isSmallJson } from './small-json.ts'

function nested(depth: number): unknown {
  return JSON.parse('['.repeat(depth) + ']'.repeat(depth))
}

test('eight levels are small, nine are not', () => {
  expect(isSmallJson(nested(8))).toBe(true)
  expect(isSmallJson(nested(9))).toBe(false)
})

test('4,096 characters of JSON are small, one more is not', () => {
  expect(isSmallJson('x'.repeat(4094))).toBe(true)
  expect(isSmallJson('x'.repeat(4095))).toBe(false)
})

test('an infinite number is refused wherever it is: JSON would write it as null', () => {
  expect(isSmallJson({ a: [{ b: Number.POSITIVE_INFINITY }] })).toBe(false)
})

test('a million levels are refused without a stack overflow', () => {
  expect(isSmallJson(nested(1_000_000))).toBe(false)
})

test('what is small is the same once written and read', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
      fc.pre(isSmallJson(value))
      expect(JSON.stringify(JSON.parse(JSON.stringify(value)))).toBe(JSON.stringify(value))
    }),
  )
})
