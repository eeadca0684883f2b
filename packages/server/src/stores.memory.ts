import { memoryEventStore } from './events/event-store.memory.ts'
import { memoryHostStore } from './hosts/host-store.memory.ts'
import { memoryJobStore } from './jobs/job-store.memory.ts'
import { memoryPackageStore } from './packages/package-store.memory.ts'
import type { Stores } from './stores.ts'

/** Empty stores in memory, for tests of what is built on the ports. */
export function memoryStores(): Stores {
  return { hosts: memoryHostStore(), events: memoryEventStore(), jobs: memoryJobStore(), packages: memoryPackageStore() }
}
