import { findWorld } from '../imports/find-world.ts'
import { findFunctions } from './find-functions.ts'
import type { SourceFile } from './find-sources.ts'
import { type Masked, maskSource } from './mask.ts'

/** How a quantity is spread; 0 throughout when there is none of it. */
export interface Spread {
  readonly median: number
  readonly p90: number
  readonly max: number
}

/** What one group of files measures. Everything but `testRatio` is of what ships; shares are from 0 to 1. */
export interface Measures {
  readonly files: number
  readonly fileLines: Spread
  readonly functions: number
  readonly functionLines: Spread
  /** Functions with more than three parameters. */
  readonly manyParameters: number
  /** Lines that hold nothing but comment, among lines that hold anything. */
  readonly comments: number
  /** `throw new Error(…)` among all throws of something new. */
  readonly bareErrors: number
  readonly throws: number
  /** Places that read the clock in packages, but not in their listed shells. */
  readonly clockReads: number
  /** Lines of tests to lines of what ships. */
  readonly testRatio: number
}

/** A file or function that is longer than one looks at without asking why. */
export interface Outlier {
  readonly path: string
  readonly line: number
  /** The function's name; undefined for a whole file. */
  readonly name?: string
  readonly lines: number
}

/** Above these lines a file, a function, is an outlier. */
export const LOOK_AGAIN = { file: 300, function: 60 }

/** Measures one group of files. Pure. */
export function measureFiles(files: readonly SourceFile[], shells: ReadonlySet<string>): Measures {
  const ships = files.filter(({ path }) => !isTest(path)).map((file) => ({ ...file, ...maskSource(file.text) }))
  const functions = ships.flatMap(({ code }) => findFunctions(code))
  const throws = ships.flatMap(({ code }) => [...code.matchAll(/\bthrow\s+new\s+([\w$]+)/g)])
  const shipped = sum(ships.map(({ text }) => countLines(text)))
  const tests = sum(files.filter(({ path }) => isTest(path)).map(({ text }) => countLines(text)))
  return {
    files: ships.length,
    fileLines: spread(ships.map(({ text }) => countLines(text))),
    functions: functions.length,
    functionLines: spread(functions.map(({ lines }) => lines)),
    manyParameters: share(functions.filter(({ parameters }) => parameters > 3).length, functions.length),
    comments: share(sum(ships.map(commentLines)), sum(ships.map(({ text }) => writtenLines(text)))),
    bareErrors: throws.filter(([, name]) => name === 'Error').length,
    throws: throws.length,
    clockReads: sum(ships.map(({ path, text }) => (path.startsWith('packages/') && !shells.has(path) ? clockReads(text) : 0))),
    testRatio: share(tests, shipped),
  }
}

/** Every file and function that is worth a second look, tests included, longest first. */
export function findOutliers(files: readonly SourceFile[]): Outlier[] {
  const long = files.flatMap(({ path, text }): Outlier[] => {
    const whole = countLines(text) > LOOK_AGAIN.file ? [{ path, line: 1, lines: countLines(text) }] : []
    const functions = findFunctions(maskSource(text).code).filter(({ lines }) => lines > LOOK_AGAIN.function)
    return [...whole, ...functions.map(({ name, line, lines }) => ({ path, line, name, lines }))]
  })
  return long.sort((a, b) => b.lines - a.lines)
}

/** Tests, contract suites, what they share, and fakes. */
function isTest(path: string): boolean {
  return /\.(test|contract)\.tsx?$|(^|\/)test\/|\/src\/testing\//.test(path)
}

function clockReads(text: string): number {
  return findWorld(text).filter(({ what }) => what === 'the clock').length
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
}

function writtenLines(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length
}

function commentLines({ code, comments }: Masked): number {
  const bare = code.split('\n')
  return comments.split('\n').filter((line, at) => line.trim() !== '' && bare[at]?.trim() === '').length
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.ceil(part * sorted.length) - 1] ?? 0
  return { median: at(0.5), p90: at(0.9), max: at(1) }
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
