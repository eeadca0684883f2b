import type { AgentRecord, ExitRecord } from '../state/metafile-schema.ts'
import type { Wish } from './agent-state.ts'
import { type Ending, type RestartPolicy, verdictOn } from './restart-policy.ts'

/** What there is to know about what is wanted of an agent. */
export interface WishFacts {
  /** Its record; undefined when it is not installed. */
  readonly record: AgentRecord | undefined
  /** Somebody asked for its stop and has not asked for its start since. */
  readonly held: boolean
  /**
   * The host could not start it: not before `until` again (seconds since boot). No strike, since nothing of the agent's ran that
   * could have failed: what is short is the host's, and comes back without anybody's doing; given up, the agent would not.
   */
  readonly obstacle: { readonly until: number; readonly why: string } | undefined
  readonly policy: RestartPolicy
  /** What the last exit on record leaves open: whether it was asked for, as far as its attempt still says so, and its place in the jitter. */
  readonly last: Pick<Ending, 'requested' | 'spread'>
  readonly bootid: string
  /** Seconds since boot. */
  readonly now: number
}

/** A wish with its reason; `until` says when a `wait` is over. */
export interface ReasonedWish {
  readonly wish: Wish
  readonly reason: string
  readonly until?: number
}

/** Reads what is wanted now out of the record, the hold and the policy. */
export function wishOf(facts: WishFacts): ReasonedWish {
  const { record, now } = facts
  if (record === undefined) return { wish: 'down', reason: 'not installed' }
  if (facts.held) return { wish: 'down', reason: 'stopped until it is started' }
  if (record.wanted === 'stopped') return { wish: 'down', reason: 'stopped on request' }
  if (record.release === null) return { wish: 'down', reason: 'no release is installed yet' }
  const found = byPolicy(facts, record)
  if (found.wish !== 'run' || facts.obstacle === undefined || now >= facts.obstacle.until) return found
  return { wish: 'wait', reason: facts.obstacle.why, until: facts.obstacle.until }
}

function byPolicy(facts: WishFacts, record: AgentRecord): ReasonedWish {
  const exit = record.exits.at(-1)
  if (record.fatal) return { wish: 'fatal', reason: givenUp(facts, record, exit) }
  // Of another boot, its times mean nothing; of another release, it was another program.
  if (exit === undefined || exit.bootid !== facts.bootid || exit.release !== record.release) return RUN
  const verdict = verdictOn(facts.policy, record.strikes, { ...exit, ...facts.last })
  if (verdict.kind !== 'restart') return { wish: verdict.kind, reason: verdict.reason }
  return facts.now >= verdict.at ? RUN : { wish: 'wait', reason: verdict.reason, until: verdict.at }
}

const RUN: ReasonedWish = { wish: 'run', reason: 'wanted running' }

function givenUp(facts: WishFacts, record: AgentRecord, exit: ExitRecord | undefined): string {
  const verdict = exit === undefined ? undefined : verdictOn(facts.policy, record.strikes, { ...exit, ...facts.last })
  return verdict?.kind === 'fatal' ? verdict.reason : 'given up; not tried again until it is started'
}
