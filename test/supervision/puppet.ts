import { execFileSync } from 'node:child_process'
import { closeSync, openSync, writeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The program that does what it is told by a pipe: `exit CODE`, `hog`, `ready` and `unready`, `busy` and `free`, `lock` and `unlock`, `read FILE`, `deaf` (to TERM); every line is repeated in its output. */
export const PUPPET = fileURLToPath(new URL('./fixtures/puppet', import.meta.url))

/** What moves one agent whose program is the puppet. */
export interface Strings {
  /** The program's one argument. */
  readonly pipe: string
  /** Each line is one puppet's to read: what comes after the end of one is the next one's. */
  tell(...lines: readonly string[]): void
  /** Lets go; a puppet that is still there sleeps from then on. */
  cut(): void
}

/** Makes the pipe at that path. */
export function tieStrings(pipe: string): Strings {
  execFileSync('mkfifo', [pipe])
  // For both: so neither we nor a puppet ever waits for the other to open it, and no puppet finds it at its end.
  const end = openSync(pipe, 'r+')
  return {
    pipe,
    tell: (...lines) => lines.forEach((line) => writeSync(end, `${line}\n`)),
    cut: () => closeSync(end),
  }
}
