import { readFileSync, type Stats, statSync } from 'node:fs'

/**
 * How an agent says that its work must not be interrupted for an upgrade (ADR 0028): it is busy while its busy file is there, and
 * while anybody holds a lock (flock or fcntl) on its busy lock, which goes with whoever holds it, however that ends. Both lie in the
 * attempt's own directory, so that no earlier process can speak for it.
 */
export function busyVariables(attempt: string): Record<string, string> {
  return { BOOTAGENT_BUSY_FILE: busyFile(attempt), BOOTAGENT_BUSY_LOCK: busyLock(attempt) }
}

/** Why the agent is busy, as the end of a sentence; undefined when it is free. */
export function findBusy(attempt: string): string | undefined {
  if (lookAt(busyFile(attempt)) !== undefined) return `its file ${busyFile(attempt)} is there`
  const lock = lookAt(busyLock(attempt))
  const holder = lock === undefined ? undefined : holderOf(lock, readFileSync('/proc/locks', 'latin1'))
  return holder === undefined ? undefined : `process ${holder} holds a lock on ${busyLock(attempt)}`
}

function busyFile(attempt: string): string {
  return `${attempt}/own/busy`
}

function busyLock(attempt: string): string {
  return `${attempt}/own/busy.lock`
}

/** The kernel's list (proc(5)): `1: FLOCK  ADVISORY  WRITE 4711 00:1a:42 0 EOF`, numbers of the device in hexadecimal. */
function holderOf({ dev, ino }: Pick<Stats, 'dev' | 'ino'>, locks: string): string | undefined {
  const [major, minor] = [(dev >> 8) & 0xfff, (dev & 0xff) | ((dev >> 12) & 0xfff00)]
  const file = [...[major, minor].map((number) => number.toString(16).padStart(2, '0')), ino].join(':')
  // A line with an arrow is of one who waits for the lock, and does not have it.
  const held = locks.split('\n').map((line) => line.trim().split(/ +/))
  return held.find((words) => words[1] !== '->' && words[5] === file)?.[4]
}

function lookAt(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}
