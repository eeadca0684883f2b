import type { Case } from './cell.ts'

/** One line of the matrix. */
export interface Row {
  readonly scenario: string
  readonly fault: string
  /** In which the fault has happened. */
  readonly cases: number
  readonly survived: number
  readonly seconds: number
  /** Why none of it was tried on this machine. */
  readonly skipped?: string
  /** How the jobs ended, and how many of them so. */
  readonly outcomes: Readonly<Record<string, number>>
  /** Every case that has not survived, with what does not hold. */
  readonly failures: readonly { readonly name: string; readonly problems: readonly string[] }[]
}

/** Adds up the cases of one cell. The last one of a sweep, in which nothing was left to fail, counts when it shows a fault of ours. */
export function rowOf({ scenario, fault }: { scenario: string; fault: string }, cases: readonly Case[], seconds: number): Row {
  const counted = cases.filter(({ fired, problems }) => fired || problems.length > 0)
  const outcomes = new Map<string, number>()
  for (const { outcome } of counted) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
  const failures = counted.filter(({ problems }) => problems.length > 0).map(({ name, problems }) => ({ name, problems }))
  return {
    scenario,
    fault,
    cases: counted.length,
    survived: counted.length - failures.length,
    seconds,
    outcomes: Object.fromEntries(outcomes),
    failures,
  }
}

/** The matrix as people read it: a line a cell, and what has not survived below. */
export function formatMatrix(rows: readonly Row[]): string {
  const sum = (what: 'cases' | 'survived') => rows.reduce((sofar, row) => sofar + row[what], 0)
  const lines = [
    ['scenario', 'fault', 'cases', 'survived'],
    ...rows.map((row) => [
      row.scenario,
      row.fault,
      String(row.cases),
      row.skipped === undefined ? String(row.survived) : `skipped: ${row.skipped}`,
    ]),
    ['all', '', String(sum('cases')), String(sum('survived'))],
  ]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)))
  const table = lines.map((line) =>
    line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '),
  )
  const failures = rows.flatMap((row) =>
    row.failures.map(({ name, problems }) => `${name}:\n${problems.map((each) => `  ${each}`).join('\n')}`),
  )
  return [...table, ...failures].join('\n')
}
