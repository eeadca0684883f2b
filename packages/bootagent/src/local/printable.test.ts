import fc from 'fast-check'
import { expect, test } from 'vitest'
import { printable, printableJson } from './printable.ts'

// A hostname is the host's own word: one that moves the cursor could rewrite the line above it.
test.each([
  ['an escape sequence', '\x1b[2J\x1b[31mroot', '\\x1b[2J\\x1b[31mroot'],
  ['the one-byte form of it', '\x9b2J', '\\x9b2J'],
  ['a title change', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['a line end that would forge a row', 'web\nroot', 'web\\nroot'],
  ['a carriage return that would overwrite the row', 'web\rroot', 'web\\rroot'],
  ['a backspace', 'a\b', 'a\\x08'],
  ['an override that reads backwards', 'a\u202egpj.exe', 'a\\u{202e}gpj.exe'],
  ['a separator some terminals break at', 'a\u2028b', 'a\\u{2028}b'],
  ['an invisible mark', 'a\u200bb\ufeff', 'a\\u{200b}b\\u{feff}'],
  ['half a surrogate pair', 'a\ud800', 'a\\u{d800}'],
])('%s is shown, not obeyed', (_, hostile, shown) => {
  expect(printable(hostile)).toBe(shown)
})

test('plain text in any script stays as it is', () => {
  expect(printable('héllo 主机 🚀 ok')).toBe('héllo 主机 🚀 ok')
})

test('JSON keeps its meaning and holds nothing a terminal would act on', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const json = printableJson({ text })
      expect(JSON.parse(json)).toEqual({ text })
      expect(json).toBe(printable(json))
    }),
  )
})

test('no string whatever leaves a control or format character', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(printable(text))))
})
