import type { settle } from '../../../packages/bootagent/src/settle.ts'
import type { MetafileStore } from '../../../packages/bootagent/src/state/metafile.ts'
import type { Transact } from '../../../packages/server/src/stores.ts'
import type { Disk } from '../disk/disk.ts'
import type { SimulatedSupervisor } from '../host/supervisor.ts'
import type { Time } from '../world/time.ts'

/** A fault between the product and its world, to see whether it is found. Each wraps a port or alters a fake; none is in the product. */
export interface Plant {
  readonly disk?: (disk: Disk) => Disk
  readonly store?: (store: MetafileStore) => MetafileStore
  readonly settle?: (settles: typeof settle) => typeof settle
  readonly supervisor?: (supervisor: SimulatedSupervisor) => SimulatedSupervisor
  readonly transact?: (transact: Transact, time: Time) => Transact
  /** A start does not first end what runs. */
  readonly hasty?: boolean
  /** The worker believes every byte. */
  readonly trusting?: boolean
}
