import { type JobOf, jobKey, type JobResult } from '@bootagent/protocol'
import { operatorEvent } from '../event/compose-event.ts'
import { addEvent } from '../state/events.ts'
import type { JobRecord, Metafile, Reducer } from '../state/metafile-schema.ts'
import { acknowledge } from './outbox.ts'

/** What an operator at the host may order: what changes nothing the server has brought (ADR 0021). */
export const ORDER_ACTIONS = ['start', 'stop', 'restart', 'reset'] as const
export type OrderAction = (typeof ORDER_ACTIONS)[number]
export type OrderJob = JobOf<OrderAction>

/** What an order came to. */
export type OrderOutcome =
  | { readonly kind: 'ended'; readonly result: JobResult }
  /** Nothing was begun; a sentence for the operator. */
  | { readonly kind: 'not-taken'; readonly why: string }

/**
 * Orders open at once. They have a bound of their own: were they counted against that of the server's jobs, a full queue would lock
 * the operator out just when something is wrong. They are counted *in* it all the same: the host takes fewer jobs while it is busy here.
 */
const MAX_OPEN_ORDERS = 16

/** The job that an order becomes; `uuid` is what no other order has. */
export function orderJob(action: OrderAction, name: string, uuid: string): OrderJob {
  return { id: `local-${uuid}`, action, name }
}

/** Takes an order, unless there are too many: then nothing is changed. `now` is Unix seconds. */
export function takeOrder(job: OrderJob, now: number): Reducer {
  return (metafile) => {
    if (openOrders(metafile) >= MAX_OPEN_ORDERS) return metafile
    const record: JobRecord = { job, state: 'accepted', local: true, accepted: now }
    return { ...metafile, jobs: { ...metafile.jobs, [jobKey(job)]: record } }
  }
}

/**
 * Closes an order that has ended: that nobody waits for its result any more, and the event by which the server learns of it. In the
 * one write with the result, so that it is never sent. Every other job is left alone. `now` is Unix seconds.
 */
export function closeOrder(key: string, now: number): Reducer {
  return (metafile) => {
    const { job, local, result, acknowledged } = metafile.jobs[key] ?? NO_JOB
    if (job === null || local !== true || result === undefined || acknowledged !== undefined) return metafile
    const { action, name = '' } = job
    const { errcode, message } = result
    const closed = acknowledge({ jobs: [key], events: [] }, now)(metafile)
    return addEvent(operatorEvent({ name, now, job: key, action, errcode, message }))(closed)
  }
}

function openOrders(metafile: Metafile): number {
  return Object.values(metafile.jobs).filter((record) => record.local === true && record.state !== 'done').length
}

const NO_JOB: JobRecord = { job: null, state: 'done', accepted: 0 }
