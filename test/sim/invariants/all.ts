import { ANSWERED_IS_DURABLE, CHANGE_IS_DURABLE, NOTHING_FORGOTTEN, ONE_IDENTITY, TOLD_IS_DURABLE } from './durable.ts'
import { BOUNDED, TIDY, WHOLE_RELEASE } from './disk.ts'
import {
  ALL_ACKNOWLEDGED,
  EVERY_JOB_REPORTED,
  KEPT_RUNNING,
  NO_FAULT,
  NOTHING_INTERNAL,
  NOTHING_UNHANDLED,
  ONE_VIEW,
} from './end.ts'
import type { Invariant, Moment, Sights } from './invariant.ts'
import { NEVER_AGAIN, ONE_EFFECT, ONE_RESULT, TRUE_RESULT, WAY_BACK } from './jobs.ts'
import { ONE_INSTANCE, PATIENCE, RIGHT_RELEASE, STRIKES, UNSAFE_NEVER_RUNS, VERIFIED } from './processes.ts'

/** Everything that must be true of every world. */
const INVARIANTS: readonly Invariant[] = [
  ...[VERIFIED, UNSAFE_NEVER_RUNS],
  ...[ONE_EFFECT, NEVER_AGAIN],
  ...[CHANGE_IS_DURABLE, NOTHING_FORGOTTEN, TOLD_IS_DURABLE, ANSWERED_IS_DURABLE],
  ...[ONE_INSTANCE, RIGHT_RELEASE],
  ...[WHOLE_RELEASE, WAY_BACK],
  ...[EVERY_JOB_REPORTED, ALL_ACKNOWLEDGED, ONE_VIEW, KEPT_RUNNING],
  ...[BOUNDED, TIDY],
  ...[ONE_RESULT, TRUE_RESULT, NOTHING_INTERNAL, NOTHING_UNHANDLED, NO_FAULT],
  ...[ONE_IDENTITY, PATIENCE, STRIKES],
]

/** One that does not hold, and what is wrong. */
export interface Breach {
  readonly invariant: string
  readonly claim: string
  readonly what: string
}

const BY_MOMENT = new Map(Object.entries(Object.groupBy(INVARIANTS, ({ at }) => at)))

/** The first invariant of a moment that does not hold. */
export function findBreach<M extends Moment>(at: M, sight: Sights[M]): Breach | undefined {
  for (const { claim, judge, name } of BY_MOMENT.get(at) ?? []) {
    const what = judge(sight)
    if (what !== undefined) return { invariant: name, claim, what }
  }
  return undefined
}
