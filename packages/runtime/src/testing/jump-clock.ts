import { type Clock, systemClock } from '../clock.ts'
import { createFakeClock } from './fake-clock.ts'

/** A clock that runs with the host's, since the kernel stamps processes by that, and jumps ahead when a test says so. */
export interface JumpClock extends Clock {
  /** Jumps, waking whoever slept until then. */
  jump(seconds: number): Promise<void>
  /** Resolves when so many sleep. */
  sleeping(count: number): Promise<void>
}

export function createJumpClock(): JumpClock {
  const fake = createFakeClock()
  const origin = fake.uptime()
  return {
    now: fake.now,
    uptime: () => systemClock.uptime() + fake.uptime() - origin,
    sleep: fake.sleep,
    jump: (seconds) => fake.advance(seconds * 1000),
    sleeping: fake.sleeping,
  }
}

/** The host's own clock, for a test whose agents come and go by the kernel's stamps; it cannot jump. */
export function realClock(): JumpClock {
  const refuse = () => Promise.reject(new Error("the host's clock cannot be moved"))
  return { ...systemClock, jump: refuse, sleeping: refuse }
}
