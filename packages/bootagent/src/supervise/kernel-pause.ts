import { setTimeout as pause } from 'node:timers/promises'

/** The longest pause (ms): from then on there are ten rounds a second. */
const LONGEST = 100

/**
 * Gives the kernel a moment: 1, 2, 4 … 100 ms, by round. For what takes microseconds and tells nobody when it is done, an exec or
 * the death of a process that is not our child. In the host's own time and not the clock's: no policy is in it.
 */
export async function kernelPause(round: number): Promise<void> {
  await pause(Math.min(2 ** round, LONGEST))
}
