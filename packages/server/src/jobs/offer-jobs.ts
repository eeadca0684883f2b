import { type JobProgress, MAX_REPLY_BYTES } from '@bootagent/protocol'
import type { Package } from '../packages/package.ts'
import { type Assignment, isAbout } from './job.ts'
import { type BaseUrl, type WireJob, wireJob } from './wire-job.ts'

/** What an offer is made from. */
export interface OfferBasis {
  /** The host's jobs without a result, oldest first, at most MAX_OPEN_JOBS. */
  readonly open: readonly Assignment[]
  /** The packages they deliver. */
  readonly packages: readonly Package[]
  /** What the host says it is doing. */
  readonly progress: readonly JobProgress[]
  readonly base: BaseUrl
}

/** One job of a reply: as it is sent, and whom it was taken from. */
export interface Offer {
  readonly assignment: Assignment
  readonly wire: WireJob
}

/** What the rest of a reply may take: the status and at most 1,024 characters of tags. */
const FRAME_BYTES = 2048

/**
 * What a reply carries: every open job in order, again and again until its result has come, since a reply may be lost;
 * except what the host says it has in hand. It ends where the reply would be larger than a host takes: a later job must
 * not overtake an earlier one of the same agent.
 */
export function offerJobs({ open, packages, progress, base }: OfferBasis): readonly Offer[] {
  const offers: Offer[] = []
  let room = MAX_REPLY_BYTES - FRAME_BYTES
  for (const assignment of open) {
    if (progress.some((each) => isAbout(each, assignment.job))) continue
    const delivered = packages.find((each) => each.position === assignment.package)
    const wire = wireJob(assignment.job, delivered, base)
    room -= bytesOf(wire)
    if (room < 0) break
    offers.push({ assignment, wire })
  }
  return offers
}

function bytesOf(wire: WireJob): number {
  return new TextEncoder().encode(`${JSON.stringify(wire)},`).length
}
