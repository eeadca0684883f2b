import type { Cell } from './cell.ts'
import { NETWORK } from './network/network-cells.ts'
import { NO_DESCRIPTORS } from './no-descriptors.ts'
import { OWN_UPGRADES } from './own-upgrade.ts'
import { POWER_CUTS } from './power-cut.ts'
import { POWER_PREFIXES } from './power-prefix.ts'
import { SMALL_DISKS } from './small-disk.ts'
import { SWEEPS } from './sweep.ts'
import { WORKER_FAULTS } from './worker-faults.ts'

/** Every field of the matrix. */
export const CELLS: readonly Cell[] = [
  ...[...SWEEPS, ...NO_DESCRIPTORS, ...OWN_UPGRADES, ...WORKER_FAULTS, ...SMALL_DISKS],
  ...[...POWER_CUTS, ...POWER_PREFIXES, ...NETWORK],
]
