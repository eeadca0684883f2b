import { expect, test } from 'vitest'
import { lineAt, maskSource } from './mask.ts'

const CASES: readonly (readonly [claim: string, source: string, code: string])[] = [
  ['a line comment is not code', 'a // b', 'a     '],
  ['a block comment is not code and keeps its lines', 'a /* b\nc */ d', 'a     \n     d'],
  ['the inside of a string is not code', "f('a // b')", "f('      ')"],
  ['an escaped quote does not end a string', String.raw`f('a\'b') // c`, "f('    ')     "],
  ['a comment mark inside a string is none', "f('/*') + g", "f('  ') + g"],
  ['the text of a template is not code, its expressions are', 'x`a ${ b } c`', 'x`  ${ b }  `'],
  ['braces inside an expression do not end it', '`${ { a: {} } }z` + q', '`${ { a: {} } } ` + q'],
  ['templates nest', '`a${ `b${c}d` }e` + f', '` ${ ` ${c} ` } ` + f'],
  ['a regular expression is not code', "m(/['\"`]/g) + 'x'", "m(/       ) + ' '"],
  ['a slash in a class does not end a regular expression', 'm(/[/]x/) / 2', 'm(/     ) / 2'],
  ['division is not a regular expression', 'a / b / c', 'a / b / c'],
  ['after return a slash begins a regular expression', 'return /fetch(/', 'return /       '],
  ['after a closing parenthesis a slash divides', '(a) / b / c', '(a) / b / c'],
  ['an apostrophe in markup ends with its line', "<p>Don't</p>\nfetch()", "<p>Don't</p>\nfetch()"],
]

test.each(CASES)('%s', (_, source, code) => {
  expect(maskSource(source).code).toBe(code)
})

test('comments are kept where they were, and nothing else is', () => {
  expect(maskSource("a // b\n'// c' /* d */").comments).toBe('  // b\n       /* d */')
})

test('every offset keeps its line, also beyond letters of two code units', () => {
  const source = "const a = '🦔'\n// ein 🦔\nfetch('x')"
  const { code } = maskSource(source)
  expect(code).toHaveLength(source.length)
  expect(lineAt(code, code.indexOf('fetch'))).toBe(3)
})
