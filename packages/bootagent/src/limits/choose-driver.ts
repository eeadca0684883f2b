import type { Log } from '@bootagent/runtime'
import { openCgroupV1, type V1Hierarchies } from './cgroup-v1.ts'
import { openCgroupV2 } from './cgroup-v2.ts'
import { type DriverKind, type LimitsDriver, TRIED } from './driver.ts'
import { findHierarchies, type Hierarchies } from './find-hierarchies.ts'
import { createNone } from './none.ts'
import { openSystemdScope } from './systemd-scope.ts'

/** What a driver is chosen by. */
export interface DriverChoice {
  /** Where the host has its cgroups; `/sys/fs/cgroup`. */
  readonly root?: string
  /** Eight hexadecimal digits that name this BootAgent's home, and keep its groups apart from another's. */
  readonly key: string
  /** The only kind to try. */
  readonly forced?: DriverKind
  readonly log?: Log
}

/**
 * Chooses how this host holds agents to their limits: the first kind that works when it is tried. A kind that works in part is taken, and
 * its `why` says what is missing; a forced one that does not work at all leaves none.
 */
export function chooseDriver({ root = '/sys/fs/cgroup', key, forced, log }: DriverChoice): LimitsDriver {
  const hierarchies = findHierarchies(root)
  const kinds = TRIED.filter((kind) => forced === undefined || kind === forced)
  const against: string[] = []
  if (forced === 'none') against.push('the configuration says so')
  else if (hierarchies.kind === 'nothing') against.push(hierarchies.why)
  for (const kind of kinds) {
    const opened = OPEN[kind](hierarchies, key)
    if (opened === undefined) continue
    // Half a hybrid is the other kind, whose turn comes.
    if (!('refused' in opened) && opened.kind === kind) {
      log?.info({ limits: kind, why: opened.why, ...(against.length > 0 && { not: against }) }, 'how limits are held')
      return opened
    }
    against.push(`${kind}: ${'refused' in opened ? opened.refused : opened.why}`)
  }
  if (against.length === 0) against.push(`${forced} is not mounted at ${root}`)
  const why = `no control groups (${against.join('; ')})`
  log?.warn({ limits: 'none', why }, 'limits are watched only')
  return createNone(why)
}

/** Undefined where what is mounted is of another kind. */
type Open = (hierarchies: Hierarchies, key: string) => LimitsDriver | { readonly refused: string } | undefined

const OPEN: Readonly<Record<(typeof TRIED)[number], Open>> = {
  systemd: openSystemdScope,
  'cgroup-v2': (found, key) => (found.kind === 'v2' ? openCgroupV2(found.root, key) : undefined),
  hybrid: (found, key) => (found.kind === 'v1' && found.unified !== undefined ? openCgroupV1(found, key) : undefined),
  'cgroup-v1': (found, key) => (found.kind === 'v1' ? openCgroupV1(withoutUnified(found), key) : undefined),
}

function withoutUnified({ kind, root, controllers }: V1Hierarchies): V1Hierarchies {
  return { kind, root, controllers }
}
