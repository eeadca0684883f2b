import type { RestartSettings } from '@bootagent/protocol'

/** When an agent is started again, and when it is given up (seed 001, restart policy). Durations in seconds. */
export interface RestartPolicy {
  /** No restart within this time of an abnormal exit. */
  readonly delay: number
  /** An abnormal exit sooner than this after its start is a strike; a longer life clears the strikes. */
  readonly window: number
  /** More strikes in a row than this are fatal. */
  readonly strikes: number
  /** How often an agent is looked at besides being told. */
  readonly check: number
  /** From TERM to KILL. */
  readonly grace: number
  /** Exit codes that are no failure; the agent then rests until it is started. */
  readonly exitCodes: readonly number[]
}

/** The seed's numbers; its text names no grace. */
export const DEFAULT_POLICY: RestartPolicy = { delay: 180, window: 900, strikes: 3, check: 60, grace: 60, exitCodes: [] }

/** Whoever asks for a check without a pause gets one a moment later. */
const SHORTEST_CHECK = 0.1

/** How far a restart may be put off beyond `delay`, so that a host's agents do not all come back at once. */
const JITTER = 0.1

/** How one process ended. Neither code nor signal means that nobody can know; that is never taken for success. */
export interface Ending {
  /** Its end was asked for: by an operator, an upgrade, or a restart. */
  readonly requested: boolean
  readonly code?: number | undefined
  readonly signal?: string | undefined
  /** Seconds it is known to have lived. */
  readonly lived: number
  /** When it ended, or was seen to have ended: seconds since boot. */
  readonly at: number
  /** In [0, 1), drawn once for each attempt: where in the jitter its successor's start falls. */
  readonly spread: number
}

/** What follows from an exit. */
export type Verdict =
  /** Not before `at`, in seconds since boot. */
  | { readonly kind: 'restart'; readonly at: number; readonly reason: string }
  | { readonly kind: 'rest'; readonly reason: string }
  | { readonly kind: 'fatal'; readonly reason: string }

/** The host's settings with those of the release over them, and no check more often than ten times a second. */
export function policyFor(host: RestartPolicy, release: RestartSettings): RestartPolicy {
  return {
    delay: release.delay ?? host.delay,
    window: release.window ?? host.window,
    strikes: release.strikes ?? host.strikes,
    check: Math.max(SHORTEST_CHECK, release.check ?? host.check),
    grace: release.grace ?? host.grace,
    exitCodes: release.exitCodes ?? host.exitCodes,
  }
}

/** Judges an exit as it happens: whether it is a failure, the strikes after it, and what follows. */
export function judgeExit(
  policy: RestartPolicy,
  strikes: number,
  ending: Ending,
): { readonly abnormal: boolean; readonly strikes: number; readonly verdict: Verdict } {
  const abnormal = isAbnormal(policy, ending)
  const after = strikesAfter(policy, strikes, ending)
  return { abnormal, strikes: after, verdict: verdictOn(policy, after, ending) }
}

/** What follows from the last exit, with the strikes that were counted then: the same answer however often it is asked. */
export function verdictOn(policy: RestartPolicy, strikes: number, ending: Ending): Verdict {
  const how = describeEnding(ending)
  if (ending.requested) return { kind: 'restart', at: ending.at, reason: how }
  if (!isAbnormal(policy, ending)) return { kind: 'rest', reason: `${how}, which is no failure; it rests until it is started` }
  if (strikes > policy.strikes) return { kind: 'fatal', reason: `${strikes} failures in a row, the last: ${how}` }
  const at = ending.at + policy.delay * (1 + JITTER * ending.spread)
  return { kind: 'restart', at, reason: `${how}; strike ${strikes} of ${policy.strikes}` }
}

/** `exit code 3`, `signal SIGSEGV`, or that it cannot be known. */
export function describeEnding(ending: Pick<Ending, 'code' | 'signal'>): string {
  if (ending.signal !== undefined) return `ended by ${ending.signal}`
  if (ending.code !== undefined) return `ended with exit code ${ending.code}`
  return 'ended, and how cannot be known'
}

function isAbnormal(policy: RestartPolicy, ending: Ending): boolean {
  if (ending.requested) return false
  return ending.code === undefined || !policy.exitCodes.includes(ending.code)
}

function strikesAfter(policy: RestartPolicy, strikes: number, ending: Ending): number {
  if (ending.lived >= policy.window) return 0
  if (ending.requested) return strikes
  return isAbnormal(policy, ending) ? strikes + 1 : 0
}
