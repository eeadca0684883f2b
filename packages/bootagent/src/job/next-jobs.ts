import type { Job } from '@bootagent/protocol'
import type { JobRecord, Metafile } from '../state/metafile-schema.ts'

/** Jobs that go ahead of others waiting for the same agent. */
export const URGENT: readonly string[] = ['stop', 'restart']

/**
 * Which open jobs may be worked on now. Jobs of one agent run one at a time in the order they were accepted, `stop` and `restart`
 * ahead of those that wait; different agents, and the host's own configuration, run side by side. A cancel waits for nobody: it is
 * about what is at work. `busy` are the keys at work.
 */
export function nextJobs(metafile: Metafile, busy: ReadonlySet<string>): string[] {
  const open = Object.entries(metafile.jobs).filter(([, record]) => record.state !== 'done')
  const lanes = new Map<string, [string, JobRecord][]>()
  for (const entry of open) {
    const lane = laneOf(...entry)
    lanes.set(lane, [...(lanes.get(lane) ?? []), entry])
  }
  return [...lanes.values()].flatMap((lane) => {
    if (lane.some(([key]) => busy.has(key))) return []
    // What had begun before a crash is finished first: another job would find the agent half way.
    const begun = lane.find(([, record]) => record.state === 'running')
    const first = begun ?? lane.find(([, record]) => URGENT.includes(record.job?.action ?? '')) ?? lane[0]
    return first === undefined ? [] : [first[0]]
  })
}

/** The job itself; only finished records may be without one. */
export function jobOf(record: JobRecord): Job {
  return record.job as Job
}

/** Jobs of one lane wait for each other. */
export function laneOf(key: string, record: JobRecord): string {
  return record.job?.action === 'cancel' ? key : (record.job?.name ?? '')
}
