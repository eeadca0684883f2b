import { changeJob, type JobRecord, type Metafile, type Reducer } from '../state/metafile-schema.ts'
import { nextJobRecord } from './job-state.ts'

/** How long a finished job's key answers a repeat, and how many are kept at most (DESIGN, wire protocol). */
const KEPT_SECONDS = 7 * 24 * 3600
const KEPT_JOBS = 1000
/** So many are kept however old they are: the wall clock may be set ahead, and what a server repeats is what it asked last. */
const KEPT_ANYWAY = 50

/** Keys of the finished jobs whose results the server has not acknowledged, oldest first; none that it did not give. */
export function unacknowledged(metafile: Metafile): string[] {
  return Object.entries(metafile.jobs)
    .filter(([, record]) => record.state === 'done' && record.acknowledged === undefined && record.local !== true)
    .map(([key]) => key)
}

/**
 * Keys of the results that a server other than the one that asked has acknowledged, by the server they are owed to, oldest first
 * (ADR 0045). None is left once its record is forgotten.
 */
export function owed(metafile: Metafile): ReadonlyMap<string, readonly string[]> {
  const debts = Object.entries(metafile.jobs).flatMap(([key, { state, acknowledged, from, local }]) =>
    state === 'done' && acknowledged !== undefined && from !== undefined && local !== true ? [{ key, from }] : [],
  )
  return new Map([...Map.groupBy(debts, ({ from }) => from)].map(([from, keys]) => [from, keys.map(({ key }) => key)]))
}

/** Notes who asked for these jobs; the latest to ask is the one that waits for the result. */
export function askedBy(server: string, keys: readonly string[]): Reducer {
  return (metafile) => keys.reduce((before, key) => changeJob(key, (record) => fromServer(record, server))(before), metafile)
}

function fromServer(record: JobRecord, from: string): JobRecord {
  return record.from === from || record.local === true || record.acknowledged !== undefined ? record : { ...record, from }
}

/** What a report carried and an answer has therefore acknowledged. */
export interface Carried {
  readonly jobs: readonly string[]
  readonly events: readonly string[]
  /** The server that answered; absent when nobody else is to be told. */
  readonly to?: string
}

/** Notes that the server has what a report carried, and forgets what is too old to be asked about. `now` is Unix seconds. */
export function acknowledge(carried: Carried, now: number): Reducer {
  return (metafile) => {
    const sent = new Set(carried.jobs)
    const events = metafile.events.filter((event) => !carried.events.includes(event.id))
    const records = Object.entries(metafile.jobs).map(
      ([key, record]) =>
        [key, sent.has(key) ? nextJobRecord(record, { kind: 'acknowledge', now, by: carried.to }) : record] as const,
    )
    const finished = records.filter(([, record]) => record.acknowledged !== undefined)
    const old = new Set(finished.filter(([, { acknowledged = 0 }]) => acknowledged < now - KEPT_SECONDS).map(([key]) => key))
    // What an operator here ordered, no server repeats.
    const last = new Set(
      finished
        .filter(([, { local }]) => local !== true)
        .map(([key]) => key)
        .slice(-KEPT_ANYWAY),
    )
    const surplus = finished.slice(0, Math.max(0, finished.length - KEPT_JOBS)).map(([key]) => key)
    const dropped = new Set([...surplus, ...[...old].filter((key) => !last.has(key))])
    const forgiven = new Set(records.flatMap(([key, { from }]) => (old.has(key) && from !== undefined ? [key] : [])))
    if (sent.size + dropped.size + forgiven.size === 0 && events.length === metafile.events.length) return metafile
    const kept = records.filter(([key]) => !dropped.has(key))
    return {
      ...metafile,
      events,
      jobs: Object.fromEntries(kept.map(([key, record]) => [key, forgiven.has(key) ? owedToNobody(record) : record])),
    }
  }
}

/** The server that asked never came back to hear of it. */
function owedToNobody(record: JobRecord): JobRecord {
  const { from: _server, ...others } = record
  return others
}
