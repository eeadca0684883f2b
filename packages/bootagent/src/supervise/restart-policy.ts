import type { Cause, RestartSettings } from '@bootagent/protocol'

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

/** How one process ended, and why. Neither code nor signal means that nobody can know; that is never taken for success. */
export interface Ending {
  /** Its end was asked for: by an operator, an upgrade, or a restart. */
  readonly requested: boolean
  readonly code?: number | undefined
  readonly signal?: string | undefined
  /** As {@link causeOf} says it; none when it was asked for. */
  readonly cause?: Cause | undefined
  /** Figures behind the cause, for people. */
  readonly detail?: string | undefined
  /** We ended it ourselves, unasked, for that cause. */
  readonly forced?: boolean
  /** Seconds it is known to have lived. */
  readonly lived: number
  /** When it ended, or was seen to have ended: seconds since boot. */
  readonly at: number
  /** In [0, 1), drawn once for each attempt: where in the jitter its successor's start falls. */
  readonly spread: number
}

/** An ending that has been judged, as it is on record. */
export type Judged = Omit<Ending, 'lived'> & { readonly abnormal: boolean }

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
  const after = strikesAfter(policy, strikes, { lived: ending.lived, requested: ending.requested, abnormal })
  return { abnormal, strikes: after, verdict: verdictOn(policy, after, { ...ending, abnormal }) }
}

/**
 * What follows from the last exit, with the strikes that were counted then: the same answer however often it is asked. Whether it
 * was a failure is not asked again: settings that change afterwards judge what comes after them.
 */
export function verdictOn(policy: RestartPolicy, strikes: number, ended: Judged): Verdict {
  const how = describeEnding(ended)
  if (ended.abnormal) {
    if (strikes > policy.strikes) return { kind: 'fatal', reason: `${strikes} failures in a row, the last: ${how}` }
    const at = ended.at + policy.delay * (1 + JITTER * ended.spread)
    return { kind: 'restart', at, reason: `${how}; ${strikes === 0 ? 'no strike' : `strike ${strikes} of ${policy.strikes}`}` }
  }
  // No failure, and its code is none that is listed: then it was asked for, though who asked may be forgotten by now.
  if (ended.requested || !isListed(policy, ended)) return { kind: 'restart', at: ended.at, reason: how }
  return { kind: 'rest', reason: `${how}, which is no failure; it rests until it is started` }
}

/** How a process ended, and why, as operators read it: `ended with exit code 3`, `unhealthy: …`. */
export function describeEnding(ending: Pick<Ending, 'code' | 'signal' | 'cause' | 'detail'>): string {
  const figures = ending.detail === undefined ? '' : `: ${ending.detail}`
  switch (ending.cause) {
    case 'oom':
      return describeOom(ending) + figures
    case 'over-limit':
      return `killed for being over its limits${figures}`
    case 'not-ready':
      return ending.detail ?? 'not ready in time'
    case 'unhealthy':
      return `unhealthy${figures}`
    case 'start-failed':
      return `could not become its program (exit code ${ending.code})${figures}`
    case 'exit-code':
    case 'signal':
    case 'lost':
    case undefined:
      return describeStatus(ending) + figures
  }
}

/** Where only a child was killed and the main process ended of its own accord, both are said. */
function describeOom(ending: Pick<Ending, 'code' | 'signal'>): string {
  const bySelf = ending.code !== undefined || (ending.signal !== undefined && ending.signal !== 'SIGKILL')
  if (!bySelf) return 'killed by the kernel at its memory limit'
  return `${describeStatus(ending)}, after the kernel had killed a process of it at its memory limit`
}

function describeStatus(ending: Pick<Ending, 'code' | 'signal'>): string {
  if (ending.signal !== undefined) return `ended by ${ending.signal}`
  if (ending.code !== undefined) return `ended with exit code ${ending.code}`
  return 'ended, and how cannot be known'
}

/**
 * A listed code is no failure where the program chose it: an agent that answers the TERM for its bad health with exit 0 has failed,
 * and the 127 of a program that is missing is the shell's. One that lost a child to the memory limit and still ends with such a
 * code has seen it, and says that all is well.
 */
function isAbnormal(policy: RestartPolicy, ending: Ending): boolean {
  if (ending.requested) return false
  return !isListed(policy, ending) || ending.forced === true || ending.cause === 'start-failed'
}

function isListed(policy: RestartPolicy, { code }: Pick<Ending, 'code'>): boolean {
  return code !== undefined && policy.exitCodes.includes(code)
}

/** What was asked for is no strike, and does not undo one; but a long life has proven the program, however it ends. */
function strikesAfter(
  policy: RestartPolicy,
  strikes: number,
  { lived, requested, abnormal }: Pick<Ending, 'lived' | 'requested'> & { readonly abnormal: boolean },
): number {
  if (lived >= policy.window) return 0
  if (requested) return strikes
  return abnormal ? strikes + 1 : 0
}
