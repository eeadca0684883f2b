import { agentOf, type StatusReply } from '@bootagent/protocol'
import { crashPoint } from '@bootagent/runtime'
import type { Walk } from './walk.ts'
import { type Acceptance, acceptJobs, askedKeys } from './job/accept.ts'
import { acknowledge, askedBy } from './job/outbox.ts'
import type { Answered } from './remote/conversation.ts'
import type { MetafileStore } from './state/metafile.ts'
import type { Metafile } from './state/metafile-schema.ts'

/** What settling needs of the walk. */
interface SettleParts extends Pick<Walk, 'announce' | 'clock' | 'toDo' | 'toTell'> {
  readonly metafile: MetafileStore
}

/** Makes an answer durable in one write: what it acknowledges, what it asks for, and that our identity is good. */
export async function settle(parts: SettleParts, answered: Answered): Promise<void> {
  const { reply, carried } = answered
  const now = Math.floor(parts.clock.now() / 1000)
  const accepted = Promise.withResolvers<Acceptance>()
  crashPoint('settle:before')
  await parts.metafile.update((metafile) => {
    const acceptance = acceptJobs(acknowledge(carried, now)(metafile), reply.jobs ?? [], now)
    accepted.resolve(acceptance)
    return confirm(askedBy(answered.server, askedKeys(acceptance))(acceptance.metafile), reply.tags)
  })
  crashPoint('settle:recorded')
  parts.announce({ kind: 'reported', server: answered.server, results: carried.jobs.length })
  announceJobs(parts, await accepted.promise)
}

function announceJobs(
  { announce, toDo, toTell }: Pick<Walk, 'announce' | 'toDo' | 'toTell'>,
  { taken, refused, repeated }: Acceptance,
): void {
  for (const job of taken) announce({ kind: 'job-accepted', job: job.id, action: job.action, agent: agentOf(job) ?? '' })
  for (const result of refused) announce({ kind: 'job-refused', result })
  for (const job of repeated) announce({ kind: 'job-repeated', job })
  if (taken.length > 0) toDo.ring()
  if (refused.length > 0) toTell.ring()
}

/** An identity is good once a report under it was answered (seed 001, register). */
function confirm(metafile: Metafile, given: StatusReply['tags']): Metafile {
  const { identity } = metafile
  const tags = given ?? metafile.tags
  if (identity.standing === 'confirmed' && tags === metafile.tags) return metafile
  return { ...metafile, identity: { ...identity, standing: 'confirmed' }, tags }
}
