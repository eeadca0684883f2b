import process from 'node:process'

/** Set by the guard for the BootAgent it starts. */
const GUARDED = 'BOOTAGENT_GUARDED'

/**
 * The guard that would start this process again; undefined when none does. A parent that dies is replaced by another. To be made at the
 * start, before the guard can be gone.
 */
export function watchGuard(): () => number | undefined {
  const guard = process.env[GUARDED] === '1' ? process.ppid : undefined
  return () => (guard !== undefined && process.ppid === guard ? guard : undefined)
}
