import { closeSync, existsSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import pino, { type Logger } from 'pino'

/** A structured logger: one line of JSON an event. */
export type Log = Logger

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Where lines go and which. Without a file they go to standard output. */
export interface LogSettings {
  readonly level: LogLevel
  readonly file?: string
  /** The file is moved to `<file>.1` when it would grow past this; 10 MiB by default. */
  readonly maxBytes?: number
}

/** Opens the log; throws when the file cannot be opened. */
export function openLog(settings: LogSettings): Log {
  const destination =
    settings.file === undefined ? descriptorSink(1) : rotatingSink(settings.file, settings.maxBytes ?? 10 * 1024 ** 2)
  return pino({ level: settings.level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** A log for tests and for commands that must not leave one. */
export const silentLog: Log = pino({ level: 'silent' })

function descriptorSink(descriptor: number): { write(line: string): void } {
  return { write: (line) => writeOrDrop(descriptor, line) }
}

/** One file and the one before it: the log never holds more than twice `maxBytes`, a single longer line aside. */
function rotatingSink(path: string, maxBytes: number): { write(line: string): void } {
  let descriptor = openAppend(path)
  let size = fstatSync(descriptor).size
  return {
    write(line) {
      if (size > 0 && size + Buffer.byteLength(line) > maxBytes) {
        const next = orDrop(() => openNext(path))
        if (next === undefined) return
        closeSync(descriptor)
        descriptor = next
        size = 0
      }
      size += writeOrDrop(descriptor, line)
    },
  }
}

/** Moves the file aside and opens a fresh one; with none there to move, as after a rotation cut short, it just opens. */
function openNext(path: string): number {
  if (existsSync(path)) renameSync(path, `${path}.1`)
  return openAppend(path)
}

function openAppend(path: string): number {
  return openSync(path, 'a', 0o640)
}

function writeOrDrop(descriptor: number, line: string): number {
  return orDrop(() => writeSync(descriptor, line)) ?? 0
}

/** A log line is worth less than what it tells of: with a full disk or a closed pipe it is dropped, and the work goes on. */
function orDrop<T>(write: () => T): T | undefined {
  try {
    return write()
  } catch (error) {
    if (DROPPED.has((error as NodeJS.ErrnoException).code)) return undefined
    throw error
  }
}

const DROPPED: ReadonlySet<string | undefined> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EPIPE',
  'EAGAIN',
  'EIO',
  // A rotation also meets these: the directory was removed, made unwritable or remounted, or no descriptor is left.
  'ENOENT',
  'EACCES',
  'EPERM',
  'EROFS',
  'EMFILE',
  'ENFILE',
])
