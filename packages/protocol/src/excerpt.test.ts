import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { excerpt } from './excerpt.ts'

test('a short text is shown whole', () => {
  expect(excerpt('héllo, 世界')).toBe('héllo, 世界')
})

test('a long text is cut, and one sees that it is', () => {
  expect(excerpt('abcdef', 3)).toBe('abc…')
})

test('an escape sequence, a line feed and a text turned around are shown, not obeyed', () => {
  expect(excerpt('\u001b[31m\n\u202egnp.exe')).toBe('\uFFFD[31m\uFFFD\uFFFDgnp.exe')
})

test('whatever the text, the excerpt is no longer than asked, well formed, and free of control characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 100 }), fc.nat(80), (text, most) => {
      const shown = excerpt(text, most)
      expect(shown.length).toBeLessThanOrEqual(most + 1)
      expect(shown.isWellFormed()).toBe(true)
      expect(shown).not.toMatch(/\p{C}/u)
    }),
  )
})
