import { readdirSync, statSync } from 'node:fs'
import { isAlive, type ProcessStat, parseStat, readProc } from '../supervise/process-identity.ts'

/** A living process, and the processor time it has used, in seconds. */
export interface ProcessTime extends ProcessStat {
  readonly spent: number
}

/** USER_HZ, as in proc(5). */
const TICKS_PER_SECOND = 100

/** What the kernel says of a pid; undefined when nothing alive is there. */
export function readProcess(pid: number): ProcessTime | undefined {
  const line = readProc(`/proc/${pid}/stat`)
  const stat = line === undefined ? undefined : parseStat(line)
  if (line === undefined || stat === undefined || !isAlive(stat)) return undefined
  // From field 3 on, whatever the program calls itself: utime is field 14, stime 15.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  return { ...stat, spent: Number.isFinite(ticks) ? ticks / TICKS_PER_SECOND : 0 }
}

/** Every living process of the host: one small read each. */
export function readProcesses(): ProcessTime[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return pids.flatMap((name) => readProcess(Number(name)) ?? [])
}

/** Bytes of memory it has; 0 for one that is gone, or is the kernel's own. */
export function readRss(pid: number): number {
  // In kB, whatever the size of a page.
  const found = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(`/proc/${pid}/status`) ?? '')
  return found === null ? 0 : Number(found[1]) * 1024
}

/** Its open descriptors; 0 for one that is gone, or is not ours to read. */
export function countDescriptors(pid: number): number {
  try {
    // From Linux 6.2 on the kernel tells the number; before, they are counted, and an agent may have a million.
    return statSync(`/proc/${pid}/fd`).size || readdirSync(`/proc/${pid}/fd`).length
  } catch (error) {
    if (UNREADABLE.includes((error as NodeJS.ErrnoException).code)) return 0
    throw error
  }
}

const UNREADABLE: readonly (string | undefined)[] = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM']
