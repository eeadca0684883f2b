import type { PackageRecord } from '@bootagent/protocol'

/** A package as the server keeps it. */
export interface Package extends PackageRecord {
  /** 1 for the first ever published, and so on. */
  readonly position: number
}

/** What no two packages share. */
export type PackageKey = Pick<PackageRecord, 'name' | 'version' | 'os' | 'arch'>

/** Serves every processor. */
export const ANY_ARCH = 'any'

/** The record as operators see it. */
export function recordOf(kept: Package): PackageRecord {
  const { position: _position, ...record } = kept
  return record
}
