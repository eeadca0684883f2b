import { MAX_OPEN_JOBS, type StatusReply, type StatusReport } from '@bootagent/protocol'
import { crashPoint } from '@bootagent/runtime'
import type { FastifyRequest } from 'fastify'
import { type EventsKept, receiveEvents } from '../events/receive-events.ts'
import { receiveStatus } from '../hosts/receive-status.ts'
import type { Handler } from '../http/handler.ts'
import { NEXT_STATE } from '../jobs/job.ts'
import { offerJobs } from '../jobs/offer-jobs.ts'
import { receiveProgress } from '../jobs/receive-progress.ts'
import { receiveResults } from '../jobs/receive-results.ts'
import type { BaseUrl, WireJob } from '../jobs/wire-job.ts'
import type { Stores, Transact } from '../stores.ts'
import type { World } from '../world.ts'

/** What the route needs. */
export interface StatusDoor {
  readonly transact: Transact
  readonly world: World
  /** For hosts that are new. */
  readonly tags: string
  readonly keep: EventsKept
  /** Where hosts are told to download from; by default the address they reached this server by. */
  readonly publicUrl?: BaseUrl | undefined
}

/**
 * `POST /agent/status`, the walk of this server:
 *
 *     receive status ▸ receive events ▸ receive progress and results ▸ offer jobs
 *
 * The answer tells the host that it may forget the results it sent, so it leaves only after all of the report has been
 * stored, in one transaction. Killed before, the server knows nothing and is sent the same again; killed after, the host
 * sends the same again and nothing changes.
 */
export function statusRoute(door: StatusDoor): Handler<'status'> {
  return async ({ body: report, request }) => {
    crashPoint('status:before-store')
    const base = door.publicUrl ?? reachedBy(request)
    const reply = await door.transact((stores) => takeReport(stores, door, { report, base }))
    crashPoint('status:stored')
    return reply
  }
}

/** By which address the host reached this server, which is one it can download from; HTTP/1.0 need not say it. */
function reachedBy({ host, socket }: FastifyRequest): BaseUrl {
  return `http://${host === '' ? `${socket.localAddress}:${socket.localPort}` : host}`
}

async function takeReport(
  stores: Stores,
  { world, tags, keep }: StatusDoor,
  { report, base }: { report: StatusReport; base: BaseUrl },
): Promise<StatusReply> {
  const now = world.now()
  const { agentsn } = report
  const host = await receiveStatus(stores.hosts, { report, now, tags })
  await receiveEvents(stores.events, { agentsn, events: report.events ?? [], now, keep })
  await receiveProgress(stores.jobs, agentsn, report.progress ?? [])
  const strangers = await receiveResults(stores.jobs, { agentsn, results: report.jobs, now })
  for (const result of strangers) world.log.warn({ agentsn, result }, 'result of an unknown job')
  return { status: 0, jobs: await offer(stores, report, base), tags: host.tags }
}

async function offer(stores: Stores, report: StatusReport, base: BaseUrl): Promise<WireJob[]> {
  const open = await stores.jobs.open(report.agentsn, MAX_OPEN_JOBS)
  const packages = await stores.packages.at(open.flatMap((each) => each.package ?? []))
  const offers = offerJobs({ open, packages, progress: report.progress ?? [], base })
  for (const { assignment } of offers) {
    const state = NEXT_STATE[assignment.state].offer
    if (state !== assignment.state) await stores.jobs.save({ ...assignment, state })
  }
  return offers.map(({ wire }) => wire)
}
