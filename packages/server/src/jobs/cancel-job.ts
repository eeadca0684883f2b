import { ERRORS, type CancelOrder } from '@bootagent/protocol'
import { ServerError } from '../errors.ts'
import { type Assignment, type FleetJob, isOpen, type Outcome } from './job.ts'
import type { JobStore } from './job-store.ts'

/** What the server adds to an operator's wish to call a job off. */
export interface CancelRequest {
  readonly job: string
  readonly order: CancelOrder
  /** A fresh id, for the cancel. */
  readonly id: string
  /** Unix seconds. */
  readonly now: number
}

/**
 * Makes a job that calls another off, for the hosts that have not ended it. A host that was never told of it need not be asked: its
 * share ends here, and in the one transaction in which no reply can offer it any more. Throws ServerError `not-found` for a job there
 * is not, `nothing-matches` for a host it is not for, `conflict` when it has ended everywhere.
 */
export async function cancelJob(jobs: JobStore, { job, order, id, now }: CancelRequest): Promise<FleetJob> {
  const shares = await jobs.ofJob(job)
  const target = shares[0]?.job
  if (target === undefined) throw new ServerError('not-found', `there is no job ${job.slice(0, 127)}`)
  if (target.action === 'cancel') throw new ServerError('bad-request', 'a cancel cannot be called off itself')
  const open = chosen(shares, order).filter(isOpen)
  if (open.length === 0) throw new ServerError('conflict', endedAlready(target, order))

  const position = (await jobs.lastPosition()) + 1
  const cancel: FleetJob = { id, position, action: 'cancel', name: target.name, created: now, settings: { job } }
  await jobs.add(cancel, open)
  for (const share of open.filter(({ state }) => state === 'queued')) {
    await jobs.save({ ...share, state: 'failed', outcome: outcomeOf(ERRORS.cancelled.errcode, now) })
    await jobs.save({ job: cancel, agentsn: share.agentsn, state: 'succeeded', outcome: outcomeOf(0, now) })
  }
  return cancel
}

function chosen(shares: readonly Assignment[], { hosts }: CancelOrder): readonly Assignment[] {
  if (hosts === undefined) return shares
  const stranger = hosts.find((host) => shares.every(({ agentsn }) => agentsn !== host))
  if (stranger !== undefined) throw new ServerError('nothing-matches', `the job is not for host ${stranger}`)
  return shares.filter(({ agentsn }) => hosts.includes(agentsn))
}

function endedAlready({ action, name }: FleetJob, { hosts }: CancelOrder): string {
  const what = name === undefined ? action : `${action} of ${name}`
  return `the ${what} has ended on ${hosts === undefined ? 'every host' : 'those hosts'}: there is nothing to call off`
}

function outcomeOf(errcode: number, finished: number): Outcome {
  return { errcode, message: 'called off before the host was told of it', finished }
}
