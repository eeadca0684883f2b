import type { EventStore } from './events/event-store.ts'
import type { HostStore } from './hosts/host-store.ts'
import type { JobStore } from './jobs/job-store.ts'
import type { PackageStore } from './packages/package-store.ts'

/** Everything one transaction can touch. */
export interface Stores {
  readonly hosts: HostStore
  readonly events: EventStore
  readonly jobs: JobStore
  readonly packages: PackageStore
}

/** Does the work as a whole or not at all; once it has resolved, what was written survives a power cut. */
export type Transact = <T>(work: (stores: Stores) => Promise<T>) => Promise<T>
