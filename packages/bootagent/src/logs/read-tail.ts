import { closeSync, readSync } from 'node:fs'
import { LIVE, oldName } from './log-files.ts'
import { openRegularSync } from './open-regular.ts'

/** The end of an agent's log, and where it goes on from there. */
export interface Tail extends LogPlace {
  readonly bytes: Buffer
}

/** A place in `output.log`, and the bytes just before it, by which it is known again. */
export interface LogPlace {
  readonly at: number
  readonly before: Buffer
}

/** How much is wanted at most. */
export interface TailSize {
  readonly lines: number
  readonly maxBytes: number
}

/**
 * The last lines of an agent's log, the newest last, without their line ends; invalid UTF-8 is `\uFFFD`. At once, for it reads at most
 * `maxBytes`. Throws RuntimeError where something else stands in place of a log, or the disk does not give it.
 */
export function readTailSync(directory: string, lines: number, maxBytes = 64 * 1024): string[] {
  const { bytes } = readTail(directory, { lines, maxBytes })
  if (bytes.length === 0) return []
  const text = bytes.toString('utf8')
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
}

/**
 * The same as bytes, line ends included. It goes on into `output.log.1`, for a log that has just been rotated is not empty; older ones
 * are not looked at. A line that `maxBytes` cuts is left out, unless there is no other.
 */
export function readTail(directory: string, size: TailSize): Tail {
  const pieces: Buffer[] = []
  const at = readBackwards(`${directory}/${LIVE}`, pieces, size)
  const before = Buffer.from(Buffer.concat(pieces).subarray(-BEFORE))
  if (!enough(pieces, size)) readBackwards(`${directory}/${oldName(1)}`, pieces, size)
  return { bytes: lastLines(Buffer.concat(pieces), size), at, before }
}

/** Puts chunks before those that are there, from the end of the file on; returns the file's size. */
function readBackwards(path: string, pieces: Buffer[], size: TailSize): number {
  const file = openRegularSync(path)
  if (file === undefined) return 0
  try {
    for (let left = file.stat.size; left > 0 && !enough(pieces, size); ) {
      const length = Math.min(CHUNK, left, size.maxBytes - lengthOf(pieces))
      const buffer = Buffer.allocUnsafe(length)
      const read = readSync(file.descriptor, buffer, 0, length, left - length)
      // It was emptied under our hands: all that was in it is in `output.log.1` now.
      if (read < length) {
        pieces.length = 0
        return 0
      }
      pieces.unshift(buffer)
      left -= length
    }
    return file.stat.size
  } finally {
    closeSync(file.descriptor)
  }
}

const CHUNK = 16 * 1024
/** Enough to tell two places of a log apart, unless it says one thing over and over. */
export const BEFORE = 256

/** The last character may be the end of the last line: one line end more than lines is enough for sure. */
function enough(pieces: readonly Buffer[], { lines, maxBytes }: TailSize): boolean {
  return lengthOf(pieces) >= maxBytes || pieces.reduce((count, piece) => count + lineEnds(piece), 0) > lines
}

function lastLines(bytes: Buffer, { lines, maxBytes }: TailSize): Buffer {
  // A line end at the very end ends the last line; it does not begin another.
  let from = bytes.at(-1) === NEWLINE ? bytes.length - 1 : bytes.length
  if (lines === 0) return bytes.subarray(bytes.length)
  for (let line = 0; line < lines; line++) {
    const at = from === 0 ? -1 : bytes.lastIndexOf(NEWLINE, from - 1)
    if (at === -1) return wholeLines(bytes, maxBytes)
    from = at
  }
  return bytes.subarray(from + 1)
}

/** What reaches back as far as it may begins, as a rule, in the middle of a line. */
function wholeLines(bytes: Buffer, maxBytes: number): Buffer {
  const first = bytes.indexOf(NEWLINE)
  return bytes.length < maxBytes || first === -1 || first === bytes.length - 1 ? bytes : bytes.subarray(first + 1)
}

function lineEnds(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(NEWLINE); at !== -1; at = bytes.indexOf(NEWLINE, at + 1)) count++
  return count
}

function lengthOf(pieces: readonly Buffer[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0)
}

const NEWLINE = 0x0a
