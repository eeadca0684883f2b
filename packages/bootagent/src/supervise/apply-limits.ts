import { spawnSync } from 'node:child_process'
import { isDeepStrictEqual } from 'node:util'
import { parseLimits, type WrittenLimits } from '@bootagent/protocol'
import type { LimitsDriver, Unapplied } from '../limits/driver.ts'
import type { Attempt } from './attempt.ts'
import { readLimitsInForce, writeLimitsInForce } from './limits-in-force.ts'

/** A running attempt whose limits are to change. */
export interface Running {
  readonly agent: string
  readonly attempt: Attempt
  /** Its main process, proven a moment ago. */
  readonly pid: number
}

/** Puts other limits in force on a running agent, and notes what the host did not take. */
function applyLimits(driver: LimitsDriver, { agent, attempt, pid }: Running, written: WrittenLimits): void {
  const parsed = parseLimits(written)
  if ('refused' in parsed) return
  const before = readLimitsInForce(attempt.directory)?.limits.nofile
  const unapplied = [
    ...driver.apply({ agent, attempt: attempt.id }, parsed.limits),
    ...(before === parsed.limits.openFiles ? [] : setOpenFiles(pid, parsed.limits.openFiles)),
  ]
  writeLimitsInForce(attempt.directory, { limits: written, unapplied })
}

/** Should the limits on record have changed since the attempt was put under its own, as by a BootAgent that died in between. */
export function reconcileLimits(driver: LimitsDriver, running: Running, written: WrittenLimits): void {
  const inForce = readLimitsInForce(running.attempt.directory)
  // Without a word about them it was started by one that held none, or could not write: then the host is asked what it takes.
  if (!isDeepStrictEqual(inForce?.limits ?? {}, written)) applyLimits(driver, running, written)
}

/** Of the main process alone; those it has started keep what they were given. */
function setOpenFiles(pid: number, openFiles: number | undefined): Unapplied[] {
  if (openFiles === undefined) return [{ limit: 'nofile', why: 'it is lifted at its next start' }]
  const { status, error, stderr } = spawnSync('prlimit', ['--pid', String(pid), `--nofile=${openFiles}:${openFiles}`], {
    encoding: 'utf8',
    timeout: 10_000,
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  })
  if (status === 0) return []
  return [{ limit: 'nofile', why: `prlimit: ${error?.message ?? stderr.trim()}; it holds from its next start on` }]
}
