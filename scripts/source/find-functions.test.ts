import { expect, test } from 'vitest'
import { findFunctions } from './find-functions.ts'
import { maskSource } from './mask.ts'

const CASES: readonly (readonly [source: string, found: readonly string[]])[] = [
  ['function f() {\n}', ['f 2 lines 0']],
  ['export async function f(a: A, b: B): Promise<void> {\n\n}', ['f 3 lines 2']],
  ['function f<T>(a: T) { return a }', ['f 1 lines 1']],
  ['function f(a: string): { b: string } {\n}', ['f 2 lines 1']],
  ['function f(a: A): a is B { return true }', ['f 1 lines 1']],
  ['function f(a: A): B | undefined {\n}', ['f 2 lines 1']],
  ['function f(\n  a: A,\n  b: B,\n): void {\n}', ['f 5 lines 2']],
  ['function f(a: Map<A, B>, { b, c }: D, e = [1, 2]) {}', ['f 1 lines 3']],
  ['function f(then: (a: A, b: B) => void, g: G) {}', ['f 1 lines 2']],
  ['const f = (a, b) => {\n}', ['f 2 lines 2']],
  ['const f = async (a: A): Promise<B> => {\n}', ['f 2 lines 1']],
  ['const t = { f: (a) => { return a }, g(b) { return b } }', ['f 1 lines 1', 'g 1 lines 1']],
  ['list.map((a) => { return a })', ['(anonymous) 1 lines 1']],
  ['class C {\n  constructor(a: A) {}\n  m() {\n  }\n}', ['constructor 1 lines 1', 'm 2 lines 0']],
  ['const f = (a) => a + 1', []],
  ['type F = (a: A) => void', []],
  ['if (a) { b() }', []],
  ['for (const a of b) { c() }', []],
  ['try { a() } catch (error) { b() }', []],
  ['const a = b ? (c) : {}', []],
  ["f('(a) => {}')", []],
]

test.each(CASES)('%s', (source, expected) => {
  const found = findFunctions(maskSource(source).code)
  expect(found.map(({ name, lines, parameters }) => `${name} ${lines} lines ${parameters}`)).toEqual(expected)
})
