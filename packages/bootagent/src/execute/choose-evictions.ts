import type { Digest } from '@bootagent/protocol'

/** A verified package that is on the disk. */
export interface KeptPackage {
  readonly digest: Digest
  readonly bytes: number
  /** When it was last used; only compared. */
  readonly used: number
}

/** What may be kept of packages at most. */
export interface CacheBounds {
  readonly bytes: number
  readonly count: number
}

/**
 * Which packages are given up: as many as it takes to keep within the bounds, the least recently used first, and never one
 * that is needed. Needed ones count: they take the room all the same.
 */
export function chooseEvictions(kept: readonly KeptPackage[], needed: ReadonlySet<Digest>, bounds: CacheBounds): Digest[] {
  let { bytes, count } = measureAll(kept)
  const evicted: Digest[] = []
  for (const each of byUse(kept, needed)) {
    if (bytes <= bounds.bytes && count <= bounds.count) break
    evicted.push(each.digest)
    bytes -= each.bytes
    count -= 1
  }
  return evicted
}

/** Which packages make room for so many bytes more: the least recently used that nobody needs; all of them if that is not enough. */
export function chooseForRoom(kept: readonly KeptPackage[], needed: ReadonlySet<Digest>, short: number): Digest[] {
  const evicted: Digest[] = []
  let left = short
  for (const each of byUse(kept, needed)) {
    if (left <= 0) break
    evicted.push(each.digest)
    left -= each.bytes
  }
  return evicted
}

function byUse(kept: readonly KeptPackage[], needed: ReadonlySet<Digest>): KeptPackage[] {
  return kept.filter(({ digest }) => !needed.has(digest)).toSorted((a, b) => a.used - b.used)
}

function measureAll(kept: readonly KeptPackage[]): CacheBounds {
  return { bytes: kept.reduce((sum, { bytes }) => sum + bytes, 0), count: kept.length }
}
