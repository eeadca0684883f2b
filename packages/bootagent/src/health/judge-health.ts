import type { Cause, Health } from '@bootagent/protocol'

/** When an agent is checked, and how patiently; in seconds, but `failures`. */
export interface HealthSettings {
  /** From its start until it must be ready. */
  readonly startup: number
  /** From the end of a check to the next, once it was ready. */
  readonly period: number
  /** What one check may take. */
  readonly timeout: number
  /** So many failures in a row are too many, once it was ready. */
  readonly failures: number
}

/** What holds where neither the job nor the package says otherwise. */
export const DEFAULT_HEALTH: HealthSettings = { startup: 60, period: 30, timeout: 5, failures: 3 }

/** What one check came to; `why` is a sentence of its own: `GET http://127.0.0.1:8080/health answered 503`. */
export type CheckResult =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly why: string
      /** It could not be carried out as it should, by no fault of the agent: it says nothing about it. */
      readonly hindered?: true
    }

/** How one attempt has done so far. All times are seconds since boot. */
export interface Course {
  /** It was well once. Nothing takes this back: from then on it is healthy or not. */
  readonly ready: boolean
  /** Until then it must be ready. */
  readonly deadline: number
  /** So many failures in a row are too many once the deadline is over. */
  readonly patience: number
  /** In a row, up to now. */
  readonly failures: number
  /** When it is to be checked next. */
  readonly due: number
}

/** What follows from a check: it is ready now, it must be ended, or nothing. */
export type HealthVerdict =
  | { readonly kind: 'none' }
  | { readonly kind: 'ready' }
  | { readonly kind: 'sick'; readonly cause: Extract<Cause, 'not-ready' | 'unhealthy'>; readonly detail: string }

/** Settings of the release, with the defaults where it says nothing. */
export function healthSettings(health: Health): HealthSettings {
  return {
    startup: health.startup ?? DEFAULT_HEALTH.startup,
    period: health.period ?? DEFAULT_HEALTH.period,
    timeout: health.timeout ?? DEFAULT_HEALTH.timeout,
    failures: health.failures ?? DEFAULT_HEALTH.failures,
  }
}

/** Begins to follow an attempt at `now`, whether it has just been started or was running before this BootAgent. */
export function beginCourse(
  settings: HealthSettings,
  subject: { readonly startedAt: number; readonly ready: boolean },
  now: number,
): Course {
  const deadline = subject.startedAt + settings.startup
  return {
    ready: subject.ready,
    deadline,
    // Whoever comes when the time is over has not seen that it was no use: one bad moment must not end the agent.
    patience: now < deadline ? 1 : settings.failures,
    failures: 0,
    // In step with its start, so that a hundred agents that are taken over at once are not checked at once.
    due: subject.ready ? now + settings.period - ((now - subject.startedAt) % settings.period) : now,
  }
}

/**
 * Judges one check that ended at `now`.
 *
 *                  well       failed                               hindered
 *     starting     ready      counted                              as before
 *     late         ready      counted; too many: not-ready         as before
 *     ready        cleared    counted; too many: unhealthy         as before
 */
export function judgeHealth(
  settings: HealthSettings,
  course: Course,
  check: { readonly result: CheckResult; readonly now: number },
): { readonly course: Course; readonly verdict: HealthVerdict } {
  const { result, now } = check
  if (result.ok) {
    const verdict: HealthVerdict = course.ready ? NONE : { kind: 'ready' }
    return { course: { ...course, ready: true, failures: 0, due: now + settings.period }, verdict }
  }
  const failures = course.failures + (result.hindered ? 0 : 1)
  const after = { ...course, failures, due: now + (course.ready ? settings.period : Math.min(settings.period, OFTEN)) }
  return { course: after, verdict: result.hindered ? NONE : JUDGES[stageOf(course, now)](settings, after, result.why) }
}

/** Until an agent is ready it is asked so often: others may wait for it. */
const OFTEN = 1

const NONE: HealthVerdict = { kind: 'none' }

type Stage = 'starting' | 'late' | 'ready'

function stageOf(course: Course, now: number): Stage {
  if (course.ready) return 'ready'
  return now < course.deadline ? 'starting' : 'late'
}

/** What follows from a failure, by the stage it falls into. */
const JUDGES: Readonly<Record<Stage, (settings: HealthSettings, course: Course, why: string) => HealthVerdict>> = {
  starting: () => NONE,
  late: ({ startup }, { failures, patience }, why) =>
    failures < patience ? NONE : { kind: 'sick', cause: 'not-ready', detail: `not ready ${startup} s after its start: ${why}` },
  ready: (settings, { failures }, why) =>
    failures < settings.failures ? NONE : { kind: 'sick', cause: 'unhealthy', detail: `${why}; ${inARow(failures)}` },
}

function inARow(failures: number): string {
  return failures === 1 ? '1 failure' : `${failures} failures in a row`
}
