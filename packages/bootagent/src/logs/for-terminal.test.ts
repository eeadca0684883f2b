import fc from 'fast-check'
import { expect, test } from 'vitest'
import { forTerminal } from './for-terminal.ts'

test.each([
  ['plain text in any script stays', 'a\tb 主机 🚀', 'a\tb 主机 🚀'],
  ['colours stay, and end with their line', '\x1b[1;31mred', '\x1b[1;31mred\x1b[0m'],
  ['clearing the screen does not', '\x1b[2Jx', '\uFFFD[2Jx'],
  ['nor does a title', '\x1b]0;owned\x07', '\uFFFD]0;owned\uFFFD'],
  ['nor the one-byte form of an escape', '\x9b31m', '\uFFFD31m'],
  ['nor going back to write over what stands there', 'ok\rno', 'ok\uFFFDno'],
  ['a line end of another system is one', 'a\r', 'a'],
  ['a colour that never ends is none', `\x1b[${'1;'.repeat(40)}m`, `\uFFFD[${'1;'.repeat(40)}m`],
])('%s', (_, written, shown) => {
  expect(forTerminal(written)).toBe(shown)
})

test('whatever was written, a terminal obeys nothing but tabs and colours', () => {
  const hostile = fc.string({
    unit: fc.constantFrom('\x1b', '[', ']', '3', '1', ';', 'm', 'J', '\r', '\n', '\x9b', 'a', '\u202e'),
  })
  fc.assert(
    fc.property(hostile, (line) => {
      // eslint-disable-next-line no-control-regex
      expect(forTerminal(line).replaceAll(/\x1b\[[\d;:]*m/g, '')).not.toMatch(/(?!\t)[\p{Cc}\p{Cf}]/u)
    }),
  )
})
