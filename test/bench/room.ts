import { mkdtempSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { clearDirectory } from './clear-directory.ts'

/** A directory that everything a benchmark starts has in its environment, so that all of it can be found and ended. */
export interface Room {
  readonly directory: string
  /** Makes a directory in it, with no other's name. */
  place(name: string): string
  /** Kills every process that was started for this directory (the room's own by default), and removes it with their control groups. */
  clear(directory?: string): void
}

/**
 * Opens a room that is cleared however this process ends: by itself, by an error, or by a signal. What is started in it must be a
 * session of its own, so that Ctrl-C reaches us alone and things are ended in order.
 */
export function openRoom(): Room {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-bench-'))
  process.on('exit', () => clearDirectory(directory))
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      process.stderr.write(`\n${signal}: ending all that was started\n`)
      process.exit(128 + constants.signals[signal])
    })
  }
  return {
    directory,
    place: (name) => mkdtempSync(join(directory, `${name}-`)),
    clear: (of = directory) => clearDirectory(of),
  }
}
