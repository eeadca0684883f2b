import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs'

/** What the guard that `start` has started says, and the last words of each BootAgent that dies under it. */
export function guardLog(run: string): string {
  return `${run}/guard.log`
}

/** Begins it anew; whoever writes to it appends. */
export function beginGuardLog(run: string): number {
  return openSync(guardLog(run), constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_APPEND, 0o600)
}

/**
 * Empties it when it has become long: nobody else does, and a BootAgent that dies every two seconds would fill the disk. To be called by
 * the BootAgent whose standard error it is; does nothing for any other.
 */
export function boundGuardLog(run: string): void {
  const [ours, log] = [fstatSync(2), statSync(guardLog(run), { throwIfNoEntry: false })]
  if (log !== undefined && ours.ino === log.ino && ours.dev === log.dev && ours.size > LONGEST) ftruncateSync(2)
}

const LONGEST = 1024 ** 2

/** Reads on from where the last call ended. */
export function readOn(path: string, from: number): { readonly text: string; readonly to: number } {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(MOST)
    const length = readSync(file, buffer, 0, MOST, from)
    return { text: buffer.toString('utf8', 0, length), to: from + length }
  } finally {
    closeSync(file)
  }
}

const MOST = 64 * 1024

/** The last lines of a file; none when it is not there, or when nothing came after `from`. */
export function lastLinesOf(path: string, from: number, count: number): string[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size <= from) return []
  return readOn(path, Math.max(from, size - MOST))
    .text.split('\n')
    .filter((line) => line !== '')
    .slice(-count)
}
