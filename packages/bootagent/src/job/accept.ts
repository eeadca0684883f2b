import { ERRORS, type Job, jobKey, type JobReading, type JobResult, MAX_OPEN_JOBS, readJob } from '@bootagent/protocol'
import { eventId } from '../state/event-id.ts'
import { addEvent } from '../state/events.ts'
import type { JobRecord, Metafile } from '../state/metafile-schema.ts'
import { isCalledOff } from './call-off.ts'
import { resultOf } from './finish.ts'
import { nextJobRecord } from './job-state.ts'
import { unacknowledged } from './outbox.ts'

/** Keys of all that a reply asked for and that is on record now. */
export function askedKeys({ taken, refused, repeated }: Acceptance): string[] {
  return [
    ...taken.map((job) => jobKey(job)),
    ...refused.map((result) => jobKey({ ...result, action: result.action ?? '' })),
    ...repeated,
  ]
}

/** What taking a reply's jobs comes to; `metafile` is to be made durable before anything is done about the rest. */
export interface Acceptance {
  readonly metafile: Metafile
  readonly taken: readonly Job[]
  /** Answered at the door. */
  readonly refused: readonly JobResult[]
  /** Known already: in progress, or finished and to be answered again. */
  readonly repeated: readonly string[]
  /** Beyond the number of open jobs; the server offers them again. */
  readonly left: number
}

/** Reads and takes the jobs of one reply (seed 001, status reply). `now` is Unix seconds. One bad entry never harms the others. */
export function acceptJobs(metafile: Metafile, entries: readonly unknown[], now: number): Acceptance {
  const nothing: Acceptance = { metafile, taken: [], refused: [], repeated: [], left: 0 }
  return entries.map((entry) => readJob(entry)).reduce((sofar, reading) => acceptOne(sofar, reading, now), nothing)
}

function acceptOne(sofar: Acceptance, reading: JobReading, now: number): Acceptance {
  const { metafile } = sofar
  if (reading.kind === 'unanswerable') {
    return { ...sofar, metafile: noteUnanswerable(metafile, reading.message, now) }
  }
  const key = reading.kind === 'job' ? jobKey(reading.job) : jobKey({ ...reading, action: reading.action ?? '' })
  const known = metafile.jobs[key]
  if (known !== undefined) {
    return {
      ...sofar,
      metafile: putJob(metafile, key, nextJobRecord(known, { kind: 'ask-again' })),
      repeated: [...sofar.repeated, key],
    }
  }
  const refusal = refusalOf(reading, metafile)
  if (refusal !== undefined) {
    if (unacknowledged(metafile).length >= MOST_ANSWERS) return { ...sofar, left: sofar.left + 1 }
    const record: JobRecord = { job: null, state: 'done', accepted: now, result: refusal }
    return { ...sofar, metafile: putJob(metafile, key, record), refused: [...sofar.refused, refusal] }
  }
  const { job } = reading as Extract<JobReading, { kind: 'job' }>
  if (countOpen(metafile, job.action === 'cancel') >= MAX_OPEN_JOBS) return { ...sofar, left: sofar.left + 1 }
  const record: JobRecord = { job, state: 'accepted', accepted: now }
  return { ...sofar, metafile: putJob(metafile, key, record), taken: [...sofar.taken, job] }
}

/** How it is answered at the door; undefined for a job to be taken. */
function refusalOf(reading: Exclude<JobReading, { kind: 'unanswerable' }>, metafile: Metafile): JobResult | undefined {
  if (reading.kind === 'refused') return refusalResult(reading)
  // Its cancel overtook it on the way: whichever comes first, it is not begun.
  if (!isCalledOff(reading.job, metafile)) return undefined
  return resultOf(reading.job, { reason: 'cancelled', message: 'called off before it came to this host' })
}

/** Answers the server has not acknowledged: one reply of 1 MB must not grow the metafile without bound. */
const MOST_ANSWERS = 1000

/** An unchanged record leaves the metafile as it is, so that a server asking again costs no write. */
function putJob(metafile: Metafile, key: string, record: JobRecord): Metafile {
  return metafile.jobs[key] === record ? metafile : { ...metafile, jobs: { ...metafile.jobs, [key]: record } }
}

/** Cancels are counted apart: a full queue must not keep out what is to empty it. */
function countOpen(metafile: Metafile, cancels: boolean): number {
  const open = Object.values(metafile.jobs).filter((record) => record.state !== 'done')
  return open.filter(({ job }) => (job?.action === 'cancel') === cancels).length
}

function refusalResult(refused: Extract<JobReading, { kind: 'refused' }>): JobResult {
  return {
    id: refused.id,
    errcode: ERRORS[refused.reason].errcode,
    message: refused.message.slice(0, 500),
    ...(refused.action === undefined ? {} : { action: refused.action }),
    ...(refused.name === undefined ? {} : { name: refused.name }),
  }
}

/** The same nameless job is offered at every report: one event waiting to be sent says it, not one a report. */
function noteUnanswerable(metafile: Metafile, message: string, now: number): Metafile {
  const category = 'job-unanswerable'
  if (metafile.events.some((event) => event.category === category && event.message === message)) return metafile
  return addEvent({ id: eventId(category, [now, message]), timestamp: now, category, message })(metafile)
}
