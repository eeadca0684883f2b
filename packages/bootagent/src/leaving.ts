/** How a run may end when the end is asked for from within: for good, or with what has the guard start BootAgent again. */
export type LeaveCode = 0 | typeof AGAIN

/** The guard starts what ends with it at once, from the slot that is current then (ADR 0048). */
export const AGAIN = 75

/** An end of the run that is asked for from within. */
export interface Leaving {
  /** Has the run end in order, and the process with that code; who asks first decides. Returns at once. */
  leave(code: LeaveCode): void
  /** Resolves when somebody has asked. */
  readonly asked: Promise<LeaveCode>
}

export function createLeaving(): Leaving {
  const { promise, resolve } = Promise.withResolvers<LeaveCode>()
  return { leave: resolve, asked: promise }
}
