import type { AgentRecord, ExitRecord } from '../state/metafile-schema.ts'
import type { AgentView } from '../supervise/agent-view.ts'

/** What a look at a release on trial comes to. */
export type Verdict =
  | { readonly kind: 'keep' }
  | { readonly kind: 'revert'; readonly reason: string }
  /** Look again when something changes, and at the latest after so many seconds. */
  | { readonly kind: 'watch'; readonly seconds: number }

/** Without a process to look at there is nothing to compute from; a change wakes us, and this is the safety net. */
const NOTHING_TO_SEE_SECONDS = 5

/**
 * Judges a trial from the agent's record and what is seen of it: kept once it has run for the whole time without a fault, given
 * up at its first abnormal exit. A reboot in between starts the time anew.
 */
export function judgeTrial(agent: AgentRecord | undefined, view: AgentView | undefined): Verdict {
  const trial = agent?.trial
  if (agent === undefined || trial === undefined || trial === null) return { kind: 'keep' }
  if (trial.failure !== undefined) return { kind: 'revert', reason: trial.failure }
  const exits = exitsSince(agent.exits, trial.after).filter((each) => each.release === trial.release)
  // Not only the first: a reboot ends it too, and is none of its failures.
  const failed = exits.find((each) => each.abnormal)
  if (failed !== undefined) return { kind: 'revert', reason: `${trial.release} failed its trial: it ${describeExit(failed)}` }
  // A program that ends with a code of `exitCodes` has done what it came for.
  if (exits.length > 0 && view?.state === 'stopped') return { kind: 'keep' }
  if (view?.state !== 'running' || view.release !== trial.release) return { kind: 'watch', seconds: NOTHING_TO_SEE_SECONDS }
  const left = trial.seconds - view.uptime
  return left <= 0 ? { kind: 'keep' } : { kind: 'watch', seconds: left }
}

/** The exits of a trial: those after the attempt that was the latest when it began. */
export function exitsSince(exits: readonly ExitRecord[], after: string | null): readonly ExitRecord[] {
  return exits.slice(exits.findLastIndex((exit) => exit.attempt === after) + 1)
}

/** `exited with code 3 after 12 s`, and why where that does not say it: `was killed by SIGTERM after 60 s (not-ready: …)`. */
export function describeExit(exit: ExitRecord): string {
  const how = describeStatus(exit)
  const { cause, detail } = exit
  if (cause === undefined || TOLD_BY_STATUS.includes(cause)) return how
  return `${how} (${cause}${detail === undefined ? '' : `: ${detail}`})`
}

const TOLD_BY_STATUS: readonly ExitRecord['cause'][] = ['exit-code', 'signal', 'lost']

function describeStatus(exit: ExitRecord): string {
  const after = `after ${Math.round(exit.lived)} s`
  if (exit.signal !== undefined) return `was killed by ${exit.signal} ${after}`
  if (exit.code !== undefined) return `exited with code ${exit.code} ${after}`
  return `ended ${after}, and how cannot be known`
}
