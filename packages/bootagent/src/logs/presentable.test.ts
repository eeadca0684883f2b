import fc from 'fast-check'
import { expect, test } from 'vitest'
import { presentable } from './presentable.ts'

test.each([
  ['plain text', ['one', 'zwei 主机 🚀'], ['one', 'zwei 主机 🚀']],
  ['colours: they are left out', ['\x1b[1;31mERROR\x1b[0m no'], ['ERROR no']],
  ['what moves a cursor', ['a\x1b[2Jb\x07\b\x9b'], ['a\uFFFD[2Jb\uFFFD\uFFFD\uFFFD']],
  ['what turns the direction of writing', ['a\u202eb\u2028'], ['a\uFFFDb\uFFFD']],
  ['half a character', ['\ud83d'], ['\uFFFD']],
  ['a tab, and a line end of another system', ['a\tb\r'], ['a b']],
  ['nothing', [], []],
])('%s', (_, lines, shown) => {
  expect(presentable(lines)).toEqual(shown)
})

test('of many lines the newest are kept, and of a long one its beginning', () => {
  expect(presentable(['1', '2', '3'], { lines: 2, characters: 100 })).toEqual(['2', '3'])
  expect(presentable(['1', 'x'.repeat(50)], { lines: 2, characters: 60 })).toEqual(['1', `${'x'.repeat(17)}…`])
  expect(presentable(['old', 'y'.repeat(9), 'y'.repeat(9)], { lines: 9, characters: 24 })).toEqual(['yyyyy…', 'yyyyy…'])
})

// The server refuses a whole report for one event that is too long.
test('the JSON of it is never longer than said, escapes included', () => {
  const nasty = fc.string({ unit: fc.constantFrom('"', '\\', '\n', '\x1b', '\ud800', '🚀', 'é', 'a', '\u2028') })
  const lines = fc.array(fc.oneof(fc.string({ unit: 'binary' }), nasty, fc.string({ minLength: 500, maxLength: 5000 })))
  fc.assert(
    fc.property(lines, fc.nat({ max: 40 }), fc.integer({ min: 2, max: 4000 }), (lines, most, characters) => {
      const shown = presentable(lines, { lines: most, characters })
      expect(JSON.stringify(shown).length).toBeLessThanOrEqual(characters)
      expect(shown.length).toBeLessThanOrEqual(most)
      expect(shown.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
    }),
  )
})

test('what fits is told in full', () => {
  const lines = fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: 20 }), { maxLength: 30 })
  fc.assert(
    fc.property(lines, (lines) => {
      expect(presentable(lines)).toEqual(lines)
    }),
  )
})
