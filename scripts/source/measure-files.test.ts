import { expect, test } from 'vitest'
import { findOutliers, measureFiles } from './measure-files.ts'

const CODE = `/** Says why. */
export function f(a: A, b: B, c: C, d: D): void {
  // Once more.
  if (a) throw new Error('bare') // beside code
  if (b) throw new FleetError('named')
  throw new FleetError('named too')
}

const now = () => Date.now()
`

const measured = measureFiles(
  [
    { path: 'packages/a/src/f.ts', text: CODE },
    { path: 'packages/a/src/g.ts', text: 'export const g = 1\n' },
    { path: 'packages/a/src/f.test.ts', text: 'a\nb\nc\n' },
    { path: 'packages/a/test/h.test.ts', text: 'throw new Error()\n' },
  ],
  new Set(),
)

test('lengths are of what ships, by file and by function', () => {
  expect(measured).toMatchObject({
    files: 2,
    fileLines: { median: 1, p90: 9, max: 9 },
    functions: 1,
    functionLines: { median: 6, p90: 6, max: 6 },
  })
})

test('a line beside code is no comment line, and an empty line is no line', () => {
  expect(measured.comments).toBeCloseTo(2 / 9)
})

test('a bare Error counts where it ships, not in tests', () => {
  expect(measured).toMatchObject({ bareErrors: 1, throws: 3 })
})

test('parameters, clock reads and the ratio of tests are told', () => {
  expect(measured).toMatchObject({ manyParameters: 1, clockReads: 1, testRatio: 4 / 10 })
})

test('a listed shell may read the clock', () => {
  expect(measureFiles([{ path: 'packages/a/src/f.ts', text: CODE }], new Set(['packages/a/src/f.ts'])).clockReads).toBe(0)
})

test('nothing measures as nothing', () => {
  expect(measureFiles([], new Set())).toMatchObject({
    files: 0,
    fileLines: { median: 0, p90: 0, max: 0 },
    comments: 0,
    testRatio: 0,
  })
})

test('outliers are the long files and functions, longest first', () => {
  const body = 'a()\n'.repeat(70)
  const found = findOutliers([
    { path: 'short.ts', text: CODE },
    { path: 'long.ts', text: 'a()\n'.repeat(301) },
    { path: 'deep.ts', text: `function deep() {\n${body}}\n` },
  ])
  expect(found).toEqual([
    { path: 'long.ts', line: 1, lines: 301 },
    { path: 'deep.ts', line: 1, lines: 72, name: 'deep' },
  ])
})
