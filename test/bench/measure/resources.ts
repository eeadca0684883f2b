import { readdirSync } from 'node:fs'
import { readProc } from './read-proc.ts'

/** What processes hold of the machine's memory, in bytes, summed up. */
export interface Memory {
  /** Shared pages counted once in each process that has them. */
  readonly rss: number
  /** What is backed by no file: what a process really costs besides its program. */
  readonly anonymous: number
}

/** A process that is gone counts nothing. */
export function memoryOf(pids: readonly number[]): Memory {
  const rollups = pids.map((pid) => readProc(`${pid}/smaps_rollup`) ?? '')
  return { rss: sum(rollups.map((each) => field(each, 'Rss'))), anonymous: sum(rollups.map((each) => field(each, 'Anonymous'))) }
}

function field(rollup: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1] ?? 0) * 1024
}

/**
 * Processor time the processes have used, in milliseconds. Of their threads by the scheduler's own count, which is in nanoseconds: the
 * ticks of /proc/PID/stat are 10 ms, and an idle minute has few of those. Of children that were waited for, which have no threads left,
 * by the ticks.
 */
export function cpuTimeOf(pids: readonly number[]): number {
  return sum(pids.map((pid) => threadTime(pid) + childrenTime(pid)))
}

function threadTime(pid: number): number {
  const nanoseconds = threadsOf(pid).map((thread) => Number((readProc(`${pid}/task/${thread}/schedstat`) ?? '0').split(' ')[0]))
  return sum(nanoseconds) / 1e6
}

const TICK_MS = 10

function childrenTime(pid: number): number {
  const stat = readProc(`${pid}/stat`) ?? ''
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * TICK_MS
}

function threadsOf(pid: number): string[] {
  return namesIn(`/proc/${pid}/task`)
}

/** How many descriptors it has open; 0 when it is gone. */
export function descriptorsOf(pid: number): number {
  return namesIn(`/proc/${pid}/fd`).length
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((before, each) => before + each, 0)
}
