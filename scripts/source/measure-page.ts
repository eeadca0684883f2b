import { LOOK_AGAIN, type Measures, type Outlier, type Spread } from './measure-files.ts'

/** A table for people: a group a line, then what is worth a second look. */
export function measurePage(rows: readonly (readonly [string, Measures])[], long: readonly Outlier[]): string {
  const table = [
    ['', ...Object.keys(COLUMNS)],
    ...rows.map(([name, each]) => [name, ...Object.values(COLUMNS).map((show) => show(each))]),
  ]
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) =>
    row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  '),
  )
  const title = `\nWorth a second look: files above ${LOOK_AGAIN.file} lines, functions above ${LOOK_AGAIN.function}`
  const found = long.map(
    ({ path, line, name, lines: length }) =>
      `${String(length).padStart(5)}  ${path}:${line}${name === undefined ? '' : `  ${name}`}`,
  )
  return `${[...lines, title, ...(found.length === 0 ? ['  none'] : found)].join('\n')}\n`
}

const COLUMNS: Readonly<Record<string, (measures: Measures) => string>> = {
  files: ({ files }) => String(files),
  'lines med/p90/max': ({ fileLines }) => describeSpread(fileLines),
  functions: ({ functions }) => String(functions),
  'lines med/p90/max ': ({ functionLines }) => describeSpread(functionLines),
  '>3 params': ({ manyParameters }) => percent(manyParameters),
  comment: ({ comments }) => percent(comments),
  'bare Error': ({ bareErrors, throws }) => `${bareErrors} of ${throws}`,
  'clock reads': ({ clockReads }) => String(clockReads),
  'test : code': ({ testRatio }) => `${testRatio.toFixed(2)} : 1`,
}

function describeSpread({ median, p90, max }: Spread): string {
  return `${median} / ${p90} / ${max}`
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
