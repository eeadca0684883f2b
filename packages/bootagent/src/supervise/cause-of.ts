import type { Cause } from '@bootagent/protocol'

/** What is known of an end; neither code nor signal means that nobody can know. */
export interface EndFacts {
  readonly requested: boolean
  readonly code?: number | undefined
  readonly signal?: string | undefined
  /** Why we ended it ourselves, unasked. */
  readonly forced?: Cause | undefined
  /** Processes of the attempt that the kernel killed at its memory limit, by the kernel's own counter. */
  readonly oomKills?: number | undefined
  /** Its program is known to have run. */
  readonly became: boolean
}

/**
 * Why a process ended; undefined when that was asked for. The first line that holds says it, the surest witness first:
 *
 *     (none)        an end that was asked for is what it was meant to be, even where it took a KILL
 *     forced        what we did we know; the signal, or the exit 0 of a program that obeys TERM, is only its echo
 *     oom           the kernel's counter. A status cannot tell: 137 is also what anybody's KILL makes, or exit(137); and where only
 *                   a child was killed, or the shim as well, the main process ends with anything or with no word at all
 *     lost          no word of the shim, and nobody else was there
 *     start-failed  a status by which a shell says that it could not become the program. A program may end with the same: once it
 *                   is known to have run, the status is its own
 *     signal        128 + n, for want of a better witness
 *     exit-code
 */
export function causeOf(facts: EndFacts): Cause | undefined {
  if (facts.requested) return undefined
  if (facts.forced !== undefined) return facts.forced
  return WITNESSES.find(({ holds }) => holds(facts))?.cause ?? 'exit-code'
}

const WITNESSES: readonly { readonly cause: Cause; readonly holds: (facts: EndFacts) => boolean }[] = [
  { cause: 'oom', holds: ({ oomKills = 0 }) => oomKills > 0 },
  { cause: 'lost', holds: ({ code, signal }) => code === undefined && signal === undefined },
  { cause: 'start-failed', holds: ({ code, became }) => !became && code !== undefined && code in START_FAILURES },
  { cause: 'signal', holds: ({ signal }) => signal !== undefined },
]

/** What the shell between us and a program says of a start that failed. */
export const START_FAILURES: Readonly<Record<number, string>> = {
  125: 'it could not be prepared; its log says more',
  126: 'the program is not executable',
  127: 'the program, or what it needs to run, is missing',
}
