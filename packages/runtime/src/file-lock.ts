import { DatabaseSync } from 'node:sqlite'
import { RuntimeError } from './errors.ts'

/** Held for as long as the process lives; the kernel lets go of it at any death. */
export interface FileLock {
  release(): void
}

/**
 * Takes a lock file for this process; throws RuntimeError `locked` when another process has it. Node offers no file lock of its own,
 * but the SQLite inside it takes one: an exclusive transaction holds a kernel lock on the file until it, or the process, ends
 * (ADR 0011).
 */
export function lockFile(path: string): FileLock {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path)
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE')
  } catch (error) {
    database?.close()
    const busy = (error as { errcode?: number }).errcode === SQLITE_BUSY
    throw new RuntimeError(
      busy ? 'locked' : 'disk-error',
      `locking ${path}: ${busy ? 'another process has it' : (error as Error).message}`,
      error,
    )
  }
  const held = database
  return { release: () => held.close() }
}

const SQLITE_BUSY = 5
