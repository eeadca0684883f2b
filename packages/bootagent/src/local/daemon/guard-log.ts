import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, statSync } from 'node:fs'

/** What the guard that `start` has started says, and the last words of each BootAgent that dies under it. */
function guardLog(run: string): string {
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

/** Answers with the whole lines that have come since it was last asked; from the beginning, or from what is there already. */
export function followGuardLog(run: string, from: 'beginning' | 'end'): () => string[] {
  const path = guardLog(run)
  let at = from === 'beginning' ? 0 : sizeOf(path)
  return () => {
    const size = sizeOf(path)
    // Whoever it is of has emptied it.
    if (size < at) at = 0
    if (size === at) return []
    const said = read(path, at)
    const whole = said.subarray(0, said.lastIndexOf('\n') + 1)
    at += whole.length
    return linesIn(whole)
  }
}

/** The last lines that came into a file behind `from`; none when it is not there. */
export function lastLinesOf(path: string, from: number, count: number): string[] {
  const size = sizeOf(path)
  return size <= from ? [] : linesIn(read(path, Math.max(from, size - MOST))).slice(-count)
}

/** Bytes; 0 when it is not there. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

function linesIn(bytes: Buffer): string[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
}

function read(path: string, from: number): Buffer {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(MOST)
    return buffer.subarray(0, readSync(file, buffer, 0, MOST, from))
  } finally {
    closeSync(file)
  }
}

const MOST = 64 * 1024
