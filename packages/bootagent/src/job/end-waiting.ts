import type { Job } from '@bootagent/protocol'
import type { JobRecord, Metafile } from '../state/metafile-schema.ts'
import { resultOf } from './finish.ts'
import { nextJobRecord } from './job-state.ts'
import { jobOf, URGENT } from './next-jobs.ts'

/** What may end a job that waits. */
export interface Waiting {
  /** Unix seconds. */
  readonly now: number
  /** Keys at work, also those that are just about to begin. */
  readonly busy: ReadonlySet<string>
}

/** The metafile with those jobs ended, and which they are. */
export interface WaitingEnded {
  readonly metafile: Metafile
  readonly ended: readonly { readonly key: string; readonly job: Job }[]
}

/**
 * Ends the jobs that need not be begun any more: those whose deadline has passed while they waited, and deliveries that a later one
 * makes without effect (ADR 0044). Nothing was done for them, so nothing but their records is touched.
 */
export function endWaiting(metafile: Metafile, { now, busy }: Waiting): WaitingEnded {
  const lanes = Map.groupBy(waitingJobs(metafile, busy), ([, job]) => ('name' in job ? (job.name ?? '') : ''))
  const jobs: Record<string, JobRecord> = {}
  const ended: { key: string; job: Job }[] = []
  for (const lane of lanes.values()) {
    const inOrder = lane.filter(([, job]) => !URGENT.includes(job.action))
    for (const [key, job] of lane) {
      const after = inOrder[inOrder.findIndex(([other]) => other === key) + 1]
      const end = endOf(job, now, URGENT.includes(job.action) ? undefined : after?.[1])
      const record = metafile.jobs[key]
      if (end === undefined || record === undefined) continue
      jobs[key] = nextJobRecord(record, { kind: 'finish', result: resultOf(job, end) })
      ended.push({ key, job })
    }
  }
  return ended.length === 0 ? { metafile, ended } : { metafile: { ...metafile, jobs: { ...metafile.jobs, ...jobs } }, ended }
}

/** Unix seconds at which the next waiting job will have waited too long; undefined when none has a deadline. */
export function nextDeadline(metafile: Metafile, busy: ReadonlySet<string>): number | undefined {
  const deadlines = waitingJobs(metafile, busy).flatMap(([, { deadline }]) => deadline ?? [])
  return deadlines.length === 0 ? undefined : Math.min(...deadlines)
}

/** The sentence for a job that was not begun in time. */
export function describeDeadline(deadline: number): string {
  return `the job was to begin before ${new Date(deadline * 1000).toISOString()}`
}

function waitingJobs({ jobs }: Metafile, busy: ReadonlySet<string>): [string, Job][] {
  return Object.entries(jobs).flatMap(([key, record]) =>
    record.state === 'accepted' && record.local !== true && !busy.has(key) ? [[key, jobOf(record)] as [string, Job]] : [],
  )
}

function endOf(job: Job, now: number, after: Job | undefined): Parameters<typeof resultOf>[1] | undefined {
  const { deadline } = job
  if (deadline !== undefined && deadline < now) return { reason: 'deadline-passed', message: describeDeadline(deadline) }
  if (after === undefined || !overtakes(after, job)) return undefined
  return { reason: 'superseded', message: `not begun, since the ${after.action} of job ${after.id} leaves nothing of it` }
}

/** Whether doing the earlier job first would make no difference to what the later one leaves: what comes of either must be the same. */
function overtakes(later: Job, earlier: Job): boolean {
  if (earlier.action !== 'install' && earlier.action !== 'upgrade') return false
  // It may never be begun itself, and then the earlier one would be missing.
  if (later.deadline !== undefined) return false
  if (later.action === 'uninstall') return true
  if (later.action !== 'install' && later.action !== 'upgrade') return false
  // It counts on what the earlier one leaves.
  if (later.expect !== undefined) return false
  // An upgrade needs an agent, and leaves it stopped where it was; an install brings one, and starts it.
  if (earlier.action === 'install' && later.action === 'upgrade') return false
  const given = new Set(Object.keys(later))
  return Object.keys(earlier).every((field) => given.has(field) || OF_THE_JOB_ALONE.has(field))
}

/** Fields that say what is brought, or when; each of the others is a setting, and one that the later job leaves out stays as it was. */
const OF_THE_JOB_ALONE: ReadonlySet<string> = new Set([
  'version',
  'size',
  'rate',
  'expect',
  'deadline',
  'signature',
  'must',
  'force',
])
