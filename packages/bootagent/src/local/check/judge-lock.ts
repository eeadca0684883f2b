import { fail, type Found, ok, warn } from './finding.ts'

/** Which processes hold the locks of a home and of a run directory; undefined for one that is free. */
export interface Holders {
  readonly home: number | undefined
  readonly run: number | undefined
}

/**
 * A home that is held is no fault: its BootAgent runs, and tests the one that is to follow it. A run directory held for another home is:
 * each of the two would end the other's agents.
 */
export function judgeLock({ home, run }: Holders, paths: { readonly home: string; readonly run: string }): Found {
  if (run !== undefined && run !== home)
    return fail(`process ${run} holds ${paths.run} for another home`, 'give this one a --run of its own')
  if (home === undefined) return ok('free: no BootAgent runs on this home')
  return warn(
    `BootAgent runs on this home, as process ${home}${run === undefined ? ', with another run directory' : ''}`,
    'a second one would refuse to start; stop it first if that is what is wanted',
  )
}
