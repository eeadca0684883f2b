import type { Metafile, Reducer } from '../state/metafile-schema.ts'
import { nextJobRecord } from './job-state.ts'

/** How long a finished job's key answers a repeat, and how many are kept at most (DESIGN, wire protocol). */
const KEPT_SECONDS = 7 * 24 * 3600
const KEPT_JOBS = 1000

/** Keys of the finished jobs whose results the server has not acknowledged, oldest first; none that it did not give. */
export function unacknowledged(metafile: Metafile): string[] {
  return Object.entries(metafile.jobs)
    .filter(([, record]) => record.state === 'done' && record.acknowledged === undefined && record.local !== true)
    .map(([key]) => key)
}

/** What a report carried and an answer has therefore acknowledged. */
export interface Carried {
  readonly jobs: readonly string[]
  readonly events: readonly string[]
}

/** Notes that the server has what a report carried, and forgets what is too old to be asked about. `now` is Unix seconds. */
export function acknowledge(carried: Carried, now: number): Reducer {
  return (metafile) => {
    const sent = new Set(carried.jobs)
    const events = metafile.events.filter((event) => !carried.events.includes(event.id))
    const records = Object.entries(metafile.jobs).map(
      ([key, record]) => [key, sent.has(key) ? nextJobRecord(record, { kind: 'acknowledge', now }) : record] as const,
    )
    const old = records.filter(([, record]) => record.acknowledged !== undefined && record.acknowledged < now - KEPT_SECONDS)
    const finished = records.filter(([, record]) => record.acknowledged !== undefined)
    const surplus = finished.slice(0, Math.max(0, finished.length - KEPT_JOBS))
    const dropped = new Set([...old, ...surplus].map(([key]) => key))
    if (sent.size === 0 && dropped.size === 0 && events.length === metafile.events.length) return metafile
    return { ...metafile, events, jobs: Object.fromEntries(records.filter(([key]) => !dropped.has(key))) }
  }
}
