import type { LimitsDriver } from './driver.ts'
import { wantedOfGroups } from './wanted-limits.ts'

/** No groups: an agent's limits are watched by us where they can be, and its processes found by other means. */
export function createNone(why: string): LimitsDriver {
  const unapplied = (_: unknown, limits: Parameters<LimitsDriver['apply']>[1]) =>
    wantedOfGroups(limits).map((limit) => ({ limit, why }))
  return {
    kind: 'none',
    why,
    // Each process holds itself to that one; no group is needed.
    enforced: new Set(['nofile']),
    tracks: false,
    prepare: (group, limits) => ({ files: [], wrap: [], unapplied: unapplied(group, limits) }),
    apply: unapplied,
    processes: () => [],
    attemptsOf: () => [],
    kill: () => undefined,
    reckon: () => undefined,
    remove: () => true,
    eventsFile: () => undefined,
  }
}
