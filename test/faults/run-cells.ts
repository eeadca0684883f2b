import type { Case, Cell, How } from './cell.ts'
import type { Lab } from './lab.ts'
import { type Row, rowOf } from './matrix.ts'
import { whatIsMissing } from './missing.ts'

/** How the cells are run. */
export interface Running extends How {
  /** Cells side by side. */
  readonly jobs: number
  /** Told of each case, and of each cell that is done. */
  readonly onCase: (cell: Cell, found: Case) => void
}

/** Longer than any case takes on the busiest of machines: a host that stands still is a fault like any other. */
const LONGEST_CASE = 240_000

/** Runs the cells, some at once, and answers their rows in the order of the cells. */
export async function runCells(lab: Lab, cells: readonly Cell[], running: Running): Promise<Row[]> {
  const rows: Row[] = []
  const left = [...cells.entries()]
  async function runSome(): Promise<void> {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [index, cell] = next
      const skipped = whatIsMissing(cell.needs)
      rows[index] = skipped === undefined ? await runCell(lab, cell, running) : { ...rowOf(cell, [], 0), skipped }
    }
  }
  await Promise.all(Array.from({ length: running.jobs }, runSome))
  return rows
}

async function runCell(lab: Lab, cell: Cell, running: Running): Promise<Row> {
  const since = performance.now()
  const cases: Case[] = []
  const source = cell.cases(lab, running)
  for (;;) {
    const next = await inTime(source.next()).catch((error: unknown) => brokenOff(cell, cases.length, error))
    if (next === undefined || next.done === true) break
    cases.push(next.value)
    running.onCase(cell, next.value)
    if (next.value.outcome === BROKEN_OFF) break
  }
  return rowOf(cell, cases, (performance.now() - since) / 1000)
}

const BROKEN_OFF = 'broken off'

function brokenOff(cell: Cell, after: number, error: unknown): IteratorResult<Case> {
  const problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)]
  return {
    done: false,
    value: { name: `${cell.scenario}, ${cell.fault}, after ${after} cases`, fired: true, outcome: BROKEN_OFF, problems },
  }
}

async function inTime<Value>(value: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it stood still for ${LONGEST_CASE / 1000} s`)), LONGEST_CASE)
  })
  return Promise.race([value, late]).finally(() => clearTimeout(timer))
}
