import { addEvent } from '../state/events.ts'
import type { Reducer } from '../state/metafile-schema.ts'
import { rolledBackEvent } from './compose-event.ts'

/** The end of a job that may have had a release on trial; `key` is the job's, `now` Unix seconds. */
export interface TrialEnd {
  readonly key: string
  /** The agent the job is about; undefined when it is about the host. */
  readonly name: string | undefined
  readonly now: number
}

/**
 * Adds the event of a rollback, if the job's trial failed and the host is back where it was. It goes into the write that ends the job,
 * before that forgets the trial: no crash can leave a rollback that nobody is told of. A way back that failed is the result's to tell.
 */
export function tellRollback({ key, name, now }: TrialEnd): Reducer {
  return (metafile) => {
    const agent = name === undefined ? undefined : metafile.agents[name]
    const trial = agent?.trial
    if (name === undefined || agent === undefined || trial?.job !== key || trial.failure === undefined) return metafile
    if (agent.release !== trial.from) return metafile
    const { release: from, from: to, failure: why, lines = [] } = trial
    const event = rolledBackEvent({ name, job: key, from, to, why, now, tail: lines })
    return addEvent(event)(metafile)
  }
}
