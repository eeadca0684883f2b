import type { ResourceLimits } from '@bootagent/protocol'
import { type Clock, createService, type Service } from '@bootagent/runtime'
import type { LimitName } from '../limits/driver.ts'
import { type ChecksOver, judgeUsage } from '../limits/over-limit.ts'
import { lacksDescriptors } from '../shortage.ts'
import type { Sampler, UsageSubject } from './usage.ts'

/** An agent that runs, with what it may use, and which of that the kernel holds this attempt to. */
export interface WatchedAgent {
  readonly subject: UsageSubject
  readonly limits: ResourceLimits
  readonly enforced: ReadonlySet<LimitName>
}

export interface LimitsWatchParts {
  readonly clock: Clock
  /** Seconds from check to check; 10. */
  readonly period?: number
  /** The agents that run now. */
  readonly watched: () => readonly WatchedAgent[]
  readonly sampler: Sampler
  /** Told once of an attempt that must be killed; the detail has the figures. */
  readonly kill: (name: string, attempt: string, detail: string) => void
}

/** What the checks of one attempt have come to; undefined once it was to be killed. */
type Course = ChecksOver | undefined

/** By name and attempt. */
export type Courses = ReadonlyMap<string, Course>

/** Holds agents to the limits that the kernel does not hold them to. Where there are none it only looks whether there are. */
export function createLimitsWatch(parts: LimitsWatchParts): Service {
  return createService(async (signal, ready) => {
    ready()
    for (let courses: Courses = new Map(); await parts.clock.sleep((parts.period ?? 10) * 1000, signal); ) {
      courses = await checkLimits(parts, courses).catch((error: unknown) => {
        // What could not be looked at is looked at next time.
        if (!lacksDescriptors(error)) throw error
        return courses
      })
    }
  })
}

/** One check of all agents; answers with what the next one goes on from. */
export async function checkLimits({ watched, sampler, kill }: LimitsWatchParts, courses: Courses): Promise<Courses> {
  const left = watched().filter(isLeftToUs)
  if (left.length === 0) return new Map()
  const usages = await sampler.sample(left.map(({ subject }) => subject))
  const next = new Map<string, Course>()
  for (const { subject, limits, enforced } of left) {
    const key = `${subject.name}/${subject.attempt}`
    if (courses.has(key) && courses.get(key) === undefined) {
      next.set(key, undefined)
      continue
    }
    const verdict = judgeUsage({ limits, enforced, usage: usages.get(subject.name), over: courses.get(key) ?? {} })
    next.set(key, verdict.kill === undefined ? verdict.over : undefined)
    if (verdict.kill !== undefined) kill(subject.name, subject.attempt, verdict.kill.detail)
  }
  return next
}

/** Whether there is a limit that can be seen from outside and that nobody else watches. */
function isLeftToUs({ limits, enforced }: WatchedAgent): boolean {
  return (
    (limits.cpuPercent !== undefined && !enforced.has('CPU')) ||
    (limits.memoryBytes !== undefined && !enforced.has('memory')) ||
    (limits.pids !== undefined && !enforced.has('pids'))
  )
}
