/** How a run may end when the end is asked for from within: for good, or with what has the guard start BootAgent again. */
export type LeaveCode = 0 | typeof AGAIN

/** The guard starts what ends with it at once, from the slot that is current then (ADR 0048). */
export const AGAIN = 75

/** An end of the run that is asked for from within; who asks first decides how it is. */
export interface Leaving {
  /** Has the run end in order, and the process with that code. Returns at once. */
  leave(code: LeaveCode): void
  /** Has it end for good, and every agent be stopped first. */
  drain(): void
  /** Whether agents are to be stopped at the end that was asked for. */
  draining(): boolean
  /** Resolves when somebody has asked. */
  readonly asked: Promise<LeaveCode>
}

export function createLeaving(): Leaving {
  const { promise, resolve } = Promise.withResolvers<LeaveCode>()
  let first: 'leave' | 'drain' | undefined
  const ask = (how: 'leave' | 'drain', code: LeaveCode) => {
    first ??= how
    resolve(code)
  }
  return {
    leave: (code) => ask('leave', code),
    drain: () => ask('drain', 0),
    draining: () => first === 'drain',
    asked: promise,
  }
}
