import type { Cause, Health } from '@bootagent/protocol'
import type { Clock } from '@bootagent/runtime'
import { beginCourse, type CheckResult, healthSettings, type HealthVerdict, judgeHealth } from './judge-health.ts'
import type { Probe, ProbeSubject } from './probe.ts'

/** A running attempt that is to be checked. */
export interface HealthSubject extends ProbeSubject {
  /** Its id. */
  readonly attempt: string
  /** Seconds since boot. */
  readonly startedAt: number
  /** It was found ready before, by this BootAgent or the one before it. */
  readonly ready: boolean
  readonly health: Health
}

/** What a watch needs, and whom it tells. */
export interface HealthWatchParts {
  readonly clock: Clock
  readonly probe: Probe
  /** Told once for an attempt that was not ready when it began to be followed. */
  readonly ready: (attempt: string) => void
  /** Told once for an attempt, which is checked no more after that; `detail` is for a sentence. */
  readonly sick: (attempt: string, cause: Extract<Cause, 'not-ready' | 'unhealthy'>, detail: string) => void
  /** Told of a fault of ours. */
  readonly fail: (error: unknown) => void
}

/** The last check: what it came to, and when it ended, in seconds since boot. */
export type LastCheck = CheckResult & { readonly at: number }

/** Checks the health of one agent, attempt after attempt, and never twice at once. */
export interface HealthWatch {
  /** From now on checks this attempt and no other; none at all when undefined. The attempt that is followed goes on as it was. */
  follow(subject: HealthSubject | undefined): void
  /** Undefined when none is followed; without `last` before the first check is over. */
  result(): { readonly last?: LastCheck } | undefined
  /** Ends all checks. */
  close(): void
}

export function createHealthWatch(parts: HealthWatchParts): HealthWatch {
  let current: Following | undefined
  let ended: Promise<void> = Promise.resolve()

  function follow(subject: HealthSubject | undefined): void {
    if (subject?.attempt === current?.subject.attempt) return
    current?.over.abort()
    current = subject === undefined ? undefined : { subject, over: new AbortController() }
    if (current !== undefined) ended = followOn(ended, current)
  }

  /** Only when the check of the one before has let go. */
  async function followOn(before: Promise<void>, following: Following): Promise<void> {
    await before
    try {
      await watchHealth(parts, following)
    } catch (error) {
      parts.fail(error)
    }
  }

  return {
    follow,
    close: () => follow(undefined),
    result() {
      if (current === undefined) return undefined
      return current.last === undefined ? {} : { last: current.last }
    },
  }
}

interface Following {
  readonly subject: HealthSubject
  readonly over: AbortController
  last?: LastCheck
}

/** Checks until there is no more to be said of the attempt, or nobody follows it any more. */
async function watchHealth({ clock, probe, ...told }: HealthWatchParts, following: Following): Promise<void> {
  const { subject } = following
  const { signal } = following.over
  const settings = healthSettings(subject.health)
  let course = beginCourse(settings, subject, clock.uptime())
  for (let verdict: HealthVerdict['kind'] = 'none'; verdict !== 'sick'; ) {
    if (!(await clock.sleep((course.due - clock.uptime()) * 1000, signal))) return
    const result = await probe(subject.health, subject, signal)
    // Called off: what it came to is no longer about the agent.
    if (signal.aborted) return
    const now = clock.uptime()
    following.last = { ...result, at: now }
    const judged = judgeHealth(settings, course, { result, now })
    course = judged.course
    verdict = judged.verdict.kind
    tell(told, subject.attempt, judged.verdict)
  }
}

function tell(told: Pick<HealthWatchParts, 'ready' | 'sick'>, attempt: string, verdict: HealthVerdict): void {
  if (verdict.kind === 'ready') told.ready(attempt)
  if (verdict.kind === 'sick') told.sick(attempt, verdict.cause, verdict.detail)
}
