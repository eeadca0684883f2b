import { openSync, readSync } from 'node:fs'

/** Time as a shell is given it. Pure code takes the numbers, never the clock. */
export interface Clock {
  /** Wall time in milliseconds since 1970; it may step in either direction. */
  now(): number
  /** Seconds since the host booted, suspension included; it never steps and means nothing after a reboot. */
  uptime(): number
  /** Resolves true after `ms`, or false as soon as the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<boolean>
}

/** The host's own clock. */
export const systemClock: Clock = { now: Date.now, uptime: createUptime(), sleep }

/**
 * CLOCK_BOOTTIME by way of proc(5), the same clock in which the kernel gives a process its start time. The file is opened by the first who
 * asks and stays open: a host that has no descriptors left still has its clock.
 */
function createUptime(): () => number {
  const buffer = Buffer.alloc(64)
  let file: number | undefined
  return () => {
    file ??= openSync('/proc/uptime', 'r')
    return Number.parseFloat(buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0)))
  }
}

/** A timer holds 2^31 - 1 ms; longer waits are slept in pieces. */
const LONGEST_TIMER = 2 ** 31 - 1

async function sleep(ms: number, signal?: AbortSignal): Promise<boolean> {
  for (let left = Math.max(0, ms); ; left -= LONGEST_TIMER) {
    const awake = await sleepOnce(Math.min(left, LONGEST_TIMER), signal)
    if (!awake || left <= LONGEST_TIMER) return awake
  }
}

function sleepOnce(ms: number, signal?: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve(false)
    const wake = () => finish(false)
    const timer = setTimeout(() => finish(true), ms)
    signal?.addEventListener('abort', wake)
    function finish(elapsed: boolean): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve(elapsed)
    }
  })
}
