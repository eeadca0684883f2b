import process from 'node:process'
import type { Room } from './room.ts'

/** What every benchmark is given. */
export interface BenchOptions {
  /** Shorter, for trying the benchmark itself: its figures are not for quoting. */
  readonly quick: boolean
  /** Where table, figures and picture go. */
  readonly out: string
  /** What was typed, for the page. */
  readonly command: string
  readonly room: Room
}

/** Progress for whoever waits, on standard error. */
export function say(text: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${text}\n`)
}
