import type { JobResult } from '@bootagent/protocol'
import type { JobRecord } from '../state/metafile-schema.ts'

/**
 * A job's life on the host. Each arrow is one durable write of the metafile.
 *
 *     (offered) ──take──▶ accepted ──begin──▶ running ──finish──▶ done ──acknowledge──▶ done, acknowledged ──(7 days)──▶ gone
 *         │                   └───────────────call-off──────────▶ done ◀──ask-again────────┘
 *         └───────refuse─────────────────────────────────────────▶ done
 *
 * Called off while it is running, it stays that: the wish is on record, and its own next plan finds the way out.
 */
export type JobEvent =
  | { readonly kind: 'begin'; readonly before: string | undefined }
  | { readonly kind: 'finish'; readonly result: JobResult }
  /** `by` is the server that has the result now; absent when nobody else asks for it. */
  | { readonly kind: 'acknowledge'; readonly now: number; readonly by?: string | undefined }
  /** Somebody wants it no more: `by` is the key of the cancel, `result` how it ends if it has not begun. */
  | { readonly kind: 'call-off'; readonly by: string; readonly result: JobResult }
  /** The server offers a finished job again: it has not understood, so its stored result is sent again. */
  | { readonly kind: 'ask-again' }

type State = JobRecord['state']
type Handlers = { readonly [K in JobEvent['kind']]: (record: JobRecord, event: Extract<JobEvent, { kind: K }>) => JobRecord }

const same = (record: JobRecord): JobRecord => record

/** What has ended is never planned again: of the job only what it is known by is kept, since settings may be large and hold secrets. */
function finish(record: JobRecord, { result }: { readonly result: JobResult }): JobRecord {
  const { before: _before, calledOff: _calledOff, changes: _changes, job, ...rest } = record
  return { ...rest, job: job === null ? null : nameOf(job), state: 'done', result }
}

function nameOf({ id, action, name, job }: NonNullable<JobRecord['job']>): NonNullable<JobRecord['job']> {
  // Of a cancel also what it called off: that job must not be begun should it come late.
  return { id, action, ...(name === undefined ? {} : { name }), ...(action === 'cancel' ? { job } : {}) }
}

function forgetAcknowledgement(record: JobRecord): JobRecord {
  // Whoever asks for an order's result by its id is not the operator who gave it.
  if (record.acknowledged === undefined || record.local === true) return record
  const { acknowledged: _forgotten, ...rest } = record
  return rest
}

/** What each event does in each state; `same` is where nothing is to be done, and that is all right. */
const TABLE: Readonly<Record<State, Handlers>> = {
  accepted: {
    begin: (record, { before }) => ({ ...record, state: 'running', ...(before === undefined ? {} : { before }) }),
    finish,
    'call-off': finish,
    acknowledge: same,
    'ask-again': same,
  },
  running: {
    begin: same, // after a crash: it had begun, and what was noted then still holds
    finish,
    'call-off': (record, { by }) => (record.calledOff === undefined ? { ...record, calledOff: by } : record),
    acknowledge: same,
    'ask-again': same,
  },
  done: {
    begin: same,
    finish: same, // the first result stands for ever
    'call-off': same,
    acknowledge: (record, { now, by }) => {
      const { from, ...rest } = record
      const isOwed = by !== undefined && from !== undefined && by !== from
      return { ...rest, ...(isOwed ? { from } : {}), acknowledged: now }
    },
    'ask-again': forgetAcknowledgement,
  },
}

/** The record after the event. */
export function nextJobRecord(record: JobRecord, event: JobEvent): JobRecord {
  const handle = TABLE[record.state][event.kind] as (record: JobRecord, event: JobEvent) => JobRecord
  return handle(record, event)
}
