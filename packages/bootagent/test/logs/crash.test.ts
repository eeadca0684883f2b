import { appendFileSync } from 'node:fs'
import { runProgram } from '@bootagent/runtime/testing'
import { describe, expect, test } from 'vitest'
import { program } from '../state/program.ts'
import { bytesIn, filesOf, makeLog, numbered, rotateOnce } from './log-place.ts'

/** Large enough that a copy takes more than one read. */
const SETTINGS = { total: 1_600_000, files: 4 }
const LINES = 36_000

/** The places of one rotation, in the order they are passed. */
const POINTS = [
  'rotate:dropped',
  ...['rotate:copying', 'rotate:copying#2', 'rotate:copied'],
  ...['rotate:shifting', 'rotate:shifting#2', 'rotate:named', 'rotate:emptied'],
]

/** A log that is full, with as many older ones as there may be. */
function makeFullLog(): string {
  return makeLog({
    'output.log': numbered(LINES, 3 * LINES),
    'output.log.1': numbered(LINES, 2 * LINES),
    'output.log.2': numbered(LINES, LINES),
    'output.log.3': numbered(LINES),
  })
}

async function dieAt(point: string, directory: string): Promise<void> {
  const command = program('logs/fixtures/rotate', directory, String(SETTINGS.total), String(SETTINGS.files))
  const { signal, stderr } = await runProgram(command, { BOOTAGENT_CRASH_AT: point })
  expect([signal, stderr]).toEqual(['SIGKILL', ''])
}

/** Every different line there is, in any file that a rotation has finished. */
function linesIn(directory: string): Set<string> {
  const files = Object.entries(filesOf(directory)).filter(([name]) => name !== 'output.log.new')
  return new Set(files.flatMap(([, text]) => text.split('\n').filter((line) => line !== '')))
}

describe('killed at any point of a rotation', () => {
  for (const point of POINTS) {
    // The oldest file may have been dropped by then, and that was its end anyway.
    test(`no other line is lost, and the next one leads back within the bound: ${point}`, async () => {
      const directory = makeFullLog()
      await dieAt(point, directory)
      const wanted = numbered(3 * LINES, LINES)
        .split('\n')
        .slice(0, -1)
      const left = linesIn(directory)
      expect(wanted.filter((line) => !left.has(line))).toEqual([])
      expect(bytesIn(directory)).toBeLessThanOrEqual(SETTINGS.total)

      appendFileSync(`${directory}/output.log`, numbered(LINES, 4 * LINES))
      expect(await rotateOnce(directory, SETTINGS)).toEqual([])
      const lines = linesIn(directory)
      const newest = numbered(2 * LINES, 3 * LINES)
        .split('\n')
        .slice(0, -1)
      expect(newest.filter((line) => !lines.has(line))).toEqual([])
      expect(bytesIn(directory)).toBeLessThanOrEqual(SETTINGS.total)
      expect(filesOf(directory)).toMatchObject({ 'output.log': '' })
      expect(Object.keys(filesOf(directory))).not.toContain('output.log.new')
    })
  }
})
