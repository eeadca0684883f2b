import type { HostEvent } from '@bootagent/protocol'
import type { EventStore } from './event-store.ts'

/** How much is kept of each host's events. */
export interface EventsKept {
  /** Since they came. */
  readonly days: number
  readonly most: number
}

/** What one report brought. */
export interface Arrival {
  readonly agentsn: string
  readonly events: readonly HostEvent[]
  /** Unix seconds. */
  readonly now: number
  readonly keep: EventsKept
}

const DAY = 86_400

/**
 * Keeps what a host tells, each event once, and lets go of its old ones. They are pruned here and not by a timer: the work is that of one
 * host, in the transaction it causes it with, and no scan of the fleet ever holds the others up. Who is silent keeps its last events,
 * at most as many as any host: what a host said before it vanished is what one looks for.
 */
export async function receiveEvents(store: EventStore, { agentsn, events, now, keep }: Arrival): Promise<void> {
  for (const event of events) await store.add({ agentsn, event, received: now })
  await store.prune({ agentsn, most: keep.most, before: now - keep.days * DAY })
}
