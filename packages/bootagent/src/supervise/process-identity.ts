import { closeSync, openSync, readFileSync, readSync } from 'node:fs'

/** Tells a process from every other since boot: a pid is given again, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number
  /** Clock ticks since boot (proc(5), stat, field 22). */
  readonly started: number
}

/** What `/proc/PID/stat` says of a process, as far as it matters here. */
export interface ProcessStat extends ProcessIdentity {
  /** One letter: R, S, D, T, Z … */
  readonly state: string
  readonly parent: number
  readonly session: number
}

/** USER_HZ: what proc(5) counts in on every architecture we ship for, whatever the kernel itself ticks at. */
const TICKS_PER_SECOND = 100

/**
 * The id of this boot of the host; in a container that was started later, of this start of it: with the first process all others are
 * gone, and what becomes of them is no more a failure of theirs than a reboot is.
 */
export function readBootId(): string {
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  const first = readStat(1)?.started ?? 0
  return first > LATEST_BOOT ? `${boot}/${first}` : boot
}

/** Ticks. A kernel starts its first process in its first second; whatever is first and came later is first in a container. */
const LATEST_BOOT = 100 * TICKS_PER_SECOND

/** Seconds since boot at which the process was started. */
export function startedAt(identity: ProcessIdentity): number {
  return identity.started / TICKS_PER_SECOND
}

/** Reads a line of `/proc/PID/stat`; undefined when it is none. The name in it may hold spaces and parentheses of its own. */
export function parseStat(line: string): ProcessStat | undefined {
  const pid = Number.parseInt(line, 10)
  // From field 3 on: whatever the program calls itself ends at the last parenthesis.
  const fields = line
    .slice(line.lastIndexOf(')') + 2)
    .trimEnd()
    .split(' ')
  const [state = '', parent, , session] = fields
  const stat = { pid, state, parent: Number(parent), session: Number(session), started: Number(fields[19]) }
  const whole = [stat.pid, stat.parent, stat.session, stat.started].every(Number.isSafeInteger)
  return whole && /^[A-Za-z]$/.test(state) ? stat : undefined
}

/** What the kernel says of a pid now; undefined when no such process is there. */
export function readStat(pid: number): ProcessStat | undefined {
  const text = readProc(`/proc/${pid}/stat`)
  return text === undefined ? undefined : parseStat(text)
}

/** A zombie keeps its pid and its start time, and even takes signals; it is dead all the same. */
export function isAlive(stat: ProcessStat): boolean {
  return !'ZXx'.includes(stat.state)
}

/** The process behind an identity, if that very process is alive. */
export function findAlive(identity: ProcessIdentity): ProcessStat | undefined {
  const stat = readStat(identity.pid)
  return stat !== undefined && stat.started === identity.started && isAlive(stat) ? stat : undefined
}

/**
 * A file of a process; undefined when the process is gone or is not ours to read. No more than {@link MOST} of it: by prctl(2)
 * (PR_SET_MM_MAP) anybody may call any of his memory his environment, gigabytes of it, and must not fill ours with that.
 */
export function readProc(path: string): string | undefined {
  try {
    const file = openSync(path, 'r')
    try {
      return readMost(file)
    } finally {
      closeSync(file)
    }
  } catch (error) {
    if (UNREADABLE.includes((error as NodeJS.ErrnoException).code)) return undefined
    throw error
  }
}

/** Bytes; about as much as there is room for where a program is started. */
const MOST = 2 * 1024 * 1024

function readMost(file: number): string {
  let buffer = Buffer.allocUnsafe(4096)
  for (let size = 0; ; ) {
    const read = readSync(file, buffer, size, buffer.length - size, null)
    size += read
    if (read === 0 || size === MOST) return buffer.toString('latin1', 0, size)
    if (size === buffer.length) buffer = Buffer.concat([buffer], 2 * size)
  }
}

const UNREADABLE: readonly (string | undefined)[] = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM']
