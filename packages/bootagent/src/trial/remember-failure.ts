import type { FailedRelease, Metafile, Reducer } from '../state/metafile-schema.ts'
import { treeOf } from '../state/releases.ts'
import { describeExit, exitsSince } from './trial.ts'

/** The end of a job that may have had a release on trial; `key` is the job's, `time` Unix seconds. */
export interface TrialOutcome {
  readonly key: string
  /** The agent the job is about; undefined when it is about the host. */
  readonly name: string | undefined
  /** Fingerprint of the settings the job gave. */
  readonly asked: string
  /** Whether the job succeeded; one that was called off has neither passed nor failed. */
  readonly succeeded: boolean
  readonly time: number
}

/** Failures remembered of one agent. */
const KEPT = 5

/**
 * Remembers a release that failed its trial, with what was seen of it; one that passed is forgiven. It goes into the write that ends
 * the job, before that forgets the trial: no crash can leave a failure that nobody remembers.
 */
export function rememberTrial({ key, name, asked, succeeded, time }: TrialOutcome): Reducer {
  return (metafile) => {
    const agent = name === undefined ? undefined : metafile.agents[name]
    const trial = agent?.trial
    if (name === undefined || agent === undefined || trial?.job !== key) return metafile
    const tree = treeOf(agent.releases, trial.release) ?? trial.release
    const others = (metafile.failed[name] ?? []).filter((each) => each.tree !== tree || each.asked !== asked)
    if (trial.failure === undefined) return succeeded ? withFailures(metafile, name, others) : metafile
    if (trial.hindered !== undefined) return metafile
    const exits = exitsSince(agent.exits, trial.after).filter((exit) => exit.release === trial.release)
    const { release, failure, lines = [] } = trial
    const why = failure.replace(`${release} failed its trial: `, '')
    const failed = { release, tree, asked, time, why, exits: exits.map(describeExit), lines }
    return withFailures(metafile, name, [...others, failed].slice(-KEPT))
  }
}

function withFailures(metafile: Metafile, name: string, failed: readonly FailedRelease[]): Metafile {
  const { [name]: before = [], ...others } = metafile.failed
  if (failed.length === 0 && before.length === 0) return metafile
  return { ...metafile, failed: failed.length === 0 ? others : { ...others, [name]: [...failed] } }
}
