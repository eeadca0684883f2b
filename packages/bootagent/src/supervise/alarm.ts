import type { Clock } from '@bootagent/runtime'

/** Rings once, at the last time it was set to. */
export interface Alarm {
  /** Seconds since boot. */
  set(at: number): void
  off(): void
}

/** `fail` is told when the clock itself fails. */
export function createAlarm(clock: Clock, ring: () => void, fail: (error: unknown) => void): Alarm {
  let current = new AbortController()
  return {
    off: () => current.abort(),
    set(at) {
      current.abort()
      current = new AbortController()
      const ms = Math.ceil(Math.max(0, at - clock.uptime()) * 1000)
      clock.sleep(ms, current.signal).then((elapsed) => {
        if (elapsed) ring()
      }, fail)
    },
  }
}
