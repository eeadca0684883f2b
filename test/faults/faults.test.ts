import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { CELLS } from './cells.ts'
import type { Row } from './matrix.ts'
import { whatIsMissing } from './missing.ts'

/** As long as a sample of one scenario may take on a busy machine; each case in it has its own bound. */
const LONGEST = 1_800_000

describe('a sample of every fault', () => {
  for (const scenario of new Set(CELLS.map((cell) => cell.scenario))) {
    test(`in ${scenario}: afterwards there is the old setup or the new one, whole, and one true result`, {
      timeout: LONGEST,
    }, async () => {
      const rows = await runSample(`^${scenario},`)
      expect(rows.flatMap(({ failures }) => failures)).toEqual([])
      for (const { cases, survived } of rows) expect(survived).toBe(cases)
    })
  }
})

// Said once, and not in each of them: what a machine cannot do is not tried there.
describe('this machine', () => {
  for (const needs of new Set(CELLS.map((cell) => cell.needs))) {
    test(`can try the faults that need ${needs}`, (context) => {
      const missing = whatIsMissing(needs)
      if (missing !== undefined) context.skip(missing)
    })
  }
})

/** In a program of its own: its mounts are seen by nobody else. */
async function runSample(only: string): Promise<readonly Row[]> {
  const program = spawn(process.execPath, [join(import.meta.dirname, 'run.ts'), '--sample', '--json', '--only', only], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  program.stdout.on('data', (piece) => (said += String(piece)))
  await once(program, 'close')
  return (JSON.parse(said) as { rows: Row[] }).rows
}
