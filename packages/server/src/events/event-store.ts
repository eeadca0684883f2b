import type { HostEvent } from '@bootagent/protocol'

/** An event as it came. */
export interface ArrivedEvent {
  readonly agentsn: string
  readonly event: HostEvent
  /** Unix seconds, by the server's clock. */
  readonly received: number
}

/** What of one host's events is not kept. */
export interface Surplus {
  readonly agentsn: string
  /** All but so many of the latest. */
  readonly most: number
  /** Unix seconds: what came earlier. */
  readonly before: number
}

/** Where events are kept, in the order in which they came. */
export interface EventStore {
  /** Of a host that is known. An event that is there already, by host and id, stays as it is. */
  add(arrived: ArrivedEvent): Promise<void>
  /** Deletes at most a thousand, the oldest first: one report must not wait for a year's. The fleet's latest event always stays. */
  prune(surplus: Surplus): Promise<void>
  /** The host's events, latest first; for tests of what is built on the port. */
  of(agentsn: string): Promise<readonly HostEvent[]>
}

/** How many events one pruning deletes at most; more than one report can bring. */
export const PRUNED_AT_ONCE = 1000
