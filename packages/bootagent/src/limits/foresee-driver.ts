import { type DriverKind, type LimitName, TRIED } from './driver.ts'
import { findHierarchies, type Hierarchies } from './find-hierarchies.ts'
import { refusesGroups } from './kernel-file.ts'
import { findSystemd, offeredBy } from './systemd-scope.ts'

/** What looking alone says about the driver a start would choose. */
export interface Foreseen {
  /** The first kind that nothing speaks against. Whether it works only a start finds out, by trying it. */
  readonly kind: DriverKind
  /** Why not those that would be tried before it, each `kind: reason`. */
  readonly against: readonly string[]
  /** Limits that no controller of this host holds. */
  readonly missing: readonly LimitName[]
}

/**
 * Looks which driver {@link chooseDriver} would take, in its order. It makes no group and asks nothing of systemd: a trial of either
 * would change a host on which nothing is to change (ADR 0050).
 */
export function foreseeDriver({ root = '/sys/fs/cgroup', forced }: { root?: string; forced?: DriverKind }): Foreseen {
  const hierarchies = findHierarchies(root)
  const missing = hierarchies.kind === 'nothing' ? GROUP_LIMITS : offeredBy(hierarchies).missing
  const against: string[] = []
  for (const kind of forced === undefined ? TRIED : [forced]) {
    const refused = OBJECTIONS[kind](hierarchies)
    if (refused === undefined) return { kind, against, missing: kind === 'none' ? GROUP_LIMITS : missing }
    against.push(`${kind}: ${refused}`)
  }
  return { kind: 'none', against, missing: GROUP_LIMITS }
}

const GROUP_LIMITS: readonly LimitName[] = ['CPU', 'memory', 'pids', 'disk']

const OBJECTIONS: Readonly<Record<DriverKind, (hierarchies: Hierarchies) => string | undefined>> = {
  systemd(hierarchies) {
    const found = findSystemd(hierarchies)
    return 'refused' in found ? found.refused : undefined
  },
  'cgroup-v2': (found) => (found.kind === 'v2' ? refusesGroups(found.root) : absent(found)),
  hybrid: (found) =>
    found.kind === 'v1' && found.unified !== undefined ? (refusesGroups(found.unified) ?? objectionOfV1(found)) : absent(found),
  'cgroup-v1': (found) => (found.kind === 'v1' ? objectionOfV1(found) : absent(found)),
  none: () => undefined,
}

function absent(found: Hierarchies): string {
  return found.kind === 'nothing' ? found.why : `not mounted at ${found.root}`
}

/** One hierarchy that takes groups is enough: what the others would hold is then advisory. */
function objectionOfV1({ controllers }: Extract<Hierarchies, { kind: 'v1' }>): string | undefined {
  const refusals = [...controllers.values()].map(refusesGroups)
  return refusals.includes(undefined) ? undefined : refusals[0]
}
