import { expect } from 'vitest'
import { DEFAULT_UNPACK_LIMITS } from '../../../src/worker/unpack-limits.ts'
import type { Attack } from './attack.ts'
import type { HostileArchive } from './attacks.ts'
import { pictureOfOutside } from './outside.ts'
import { judgeHere, type Outcome, unpackByWorker } from './play.ts'

/** Judged in this process, where nothing but the judge can refuse it: its end must be the one that is expected. */
export async function expectJudged({ attack, format, bytes }: HostileArchive): Promise<void> {
  expectEnd(attack, await judgeHere({ format, bytes: bytes(), limits: attack.limits }), [])
}

/**
 * Unpacked by a worker as a host does: the same end, no link made before all was judged, no more bytes than are allowed, nothing
 * left running or lying, and nothing changed outside.
 */
export async function expectUnpacked({ attack, format, bytes }: HostileArchive): Promise<void> {
  const before = pictureOfOutside()
  const { outcome, ...traces } = await unpackByWorker({ format, bytes: bytes(), limits: attack.limits })
  expectEnd(attack, outcome, 'kept' in attack.end ? attack.end.kept : [])
  expect(traces).toMatchObject({ processes: [], staging: [] })
  expect(traces.bytes).toBeLessThanOrEqual(attack.limits?.maxBytes ?? DEFAULT_UNPACK_LIMITS.maxBytes)
  if ('refused' in attack.end) expect(traces.links).toEqual([])
  expect(pictureOfOutside()).toEqual(before)
}

function expectEnd({ end }: Attack, outcome: Outcome, tree: readonly string[]): void {
  if ('kept' in end) return expect(outcome).toEqual({ tree })
  expect(outcome).toMatchObject({ reason: end.refused, message: expect.stringContaining(end.says) })
  // Of these the whole package is to blame; in any other whoever has to mend it must find the place.
  if (end.entry === undefined && ['archive-unknown', 'checksum-mismatch'].includes(end.refused)) return
  expect(outcome).toMatchObject({
    message: end.entry === undefined ? expect.stringMatching(PLACE) : expect.stringContaining(end.entry),
  })
}

/** Some entry, or none at all. */
const PLACE = /"|no entry was read before it/
