import { ERRORS, type Job, type JobOf } from '@bootagent/protocol'
import { changeJob, type JobRecord, type Metafile, type Reducer } from '../state/metafile-schema.ts'
import { resultOf } from './finish.ts'
import { nextJobRecord } from './job-state.ts'

/**
 * The wish that a job be not done, durable before anything is done about it. A job that has not begun ends in the same write; one at
 * work is marked, and finds its own way out, also after a crash. `by` is the key of the cancel.
 */
export function callOff(target: string, by: string): Reducer {
  return (metafile) => {
    const job = metafile.jobs[target]?.job as Job | null | undefined
    // The finished have nothing but their names left, which is all that a result takes of a job.
    if (job === null || job === undefined) return metafile
    const result = resultOf(job, { reason: 'cancelled', message: 'called off before it had begun' })
    return changeJob(target, (was) => nextJobRecord(was, { kind: 'call-off', by, result }))(metafile)
  }
}

/** Keys of the jobs that a cancel means: the server's with that id, and with that name if it gives one; no orders of this host, no other cancel. */
export function targetsOf(cancel: Pick<JobOf<'cancel'>, 'job' | 'name'>, jobs: Metafile['jobs']): string[] {
  return Object.entries(jobs)
    .filter(([, record]) => record.local !== true && means(cancel, nameOf(record)))
    .map(([key]) => key)
}

/** Whether a cancel that is on record means this job: it was called off before it came, and is not to be begun. */
export function isCalledOff(job: Job, metafile: Metafile): boolean {
  if (job.action === 'cancel') return false
  return Object.values(metafile.jobs).some(({ job: other }) => other?.action === 'cancel' && means(other as JobOf<'cancel'>, job))
}

/** True of the result of a job that was called off. */
export function wasCalledOff({ result }: JobRecord): boolean {
  return result?.errcode === ERRORS.cancelled.errcode
}

/** What a job is known by; of one that was refused at the door its result knows it. */
interface Named {
  readonly id?: string | undefined
  readonly action?: string | undefined
  readonly name?: string | undefined
}

function nameOf({ job, result }: JobRecord): Named {
  return job ?? result ?? {}
}

function means(cancel: Pick<JobOf<'cancel'>, 'job' | 'name'>, { id, action, name }: Named): boolean {
  return action !== 'cancel' && id === cancel.job && (cancel.name === undefined || name === cancel.name)
}
