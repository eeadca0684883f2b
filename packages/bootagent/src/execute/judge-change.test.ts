import { describe, expect, test } from 'vitest'
import { isChanged, widen } from './judge-change.ts'

const SPAN = { first: 1_700_000_000_400.25, last: 1_700_000_003_500.5 }
const YEAR = 365 * 24 * 3600 * 1000

describe('a file is a changed one', () => {
  test.each([
    ['written a second after its tree was sealed', SPAN.last + 1000],
    ['written when the clock had been set back by a year', SPAN.last - YEAR],
    ['written when the clock had been set on by a year', SPAN.last + YEAR],
    ['that somebody had from last year, and put in the place of another', SPAN.first - YEAR],
  ])('%s', (_, modified) => {
    expect(isChanged(modified, [SPAN])).toBe(true)
  })
})

describe('a file is as it was unpacked', () => {
  test.each([
    ['written first of all', SPAN.first],
    ['written last of all', SPAN.last],
    ['written in between', (SPAN.first + SPAN.last) / 2],
    ['restored from an archive that keeps whole seconds', 1_700_000_000_000],
    ['restored by what rounds to microseconds', 1_700_000_003_500.501],
  ])('%s', (_, modified) => {
    expect(isChanged(modified, [SPAN])).toBe(false)
  })

  // Unpacked anew, a tree has other times than an older release of it has on record.
  test('that was written when one of its releases says so', () => {
    expect(isChanged(SPAN.first, [{ first: 1, last: 2 }, SPAN])).toBe(false)
  })
})

test('a span reaches from the first file to the last, whatever their order', () => {
  expect([5, 3, 9, 4].reduce<ReturnType<typeof widen> | undefined>(widen, undefined)).toEqual({ first: 3, last: 9 })
})
