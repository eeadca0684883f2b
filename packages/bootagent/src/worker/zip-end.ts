import { archiveBroken } from './archive-broken.ts'
import { StepError } from '../errors.ts'

/** Where the directory of a zip lies, and how many entries it has. */
export interface ZipEnd {
  readonly entries: number
  readonly start: number
  readonly bytes: number
}

const END_BYTES = 22
const LOCATOR_BYTES = 20
const END64_BYTES = 56
const END = Buffer.from([0x50, 0x4b, 5, 6])
const LOCATOR = 0x07064b50
const END64 = 0x06064b50

/** As many bytes from behind as the end of a zip can have, comment included. */
export const LONGEST_END = END_BYTES + 65_535 + LOCATOR_BYTES + END64_BYTES

/**
 * Finds the end record in the last bytes of a zip of `size` bytes, and holds everything against everything else: there must be one end
 * record and one only, the directory must reach up to it, and its 64-bit form may say no other than the short one. Throws.
 */
export function readZipEnd(tail: Buffer, size: number): ZipEnd {
  const at = findEnd(tail)
  if (tail.readUInt16LE(at + 20) !== tail.length - at - END_BYTES) throw archiveBroken('the zip goes on after its end record')
  const disks = [tail.readUInt16LE(at + 4), tail.readUInt16LE(at + 6)]
  const [here, entries] = [tail.readUInt16LE(at + 8), tail.readUInt16LE(at + 10)]
  const short = { disks, here, entries, bytes: tail.readUInt32LE(at + 12), start: tail.readUInt32LE(at + 16) }
  const long =
    at >= LOCATOR_BYTES && tail.readUInt32LE(at - LOCATOR_BYTES) === LOCATOR
      ? readLong(tail, at - LOCATOR_BYTES, size)
      : undefined
  const end = long === undefined ? short : agreed(short, long)
  if (end.disks.some((disk) => disk !== 0) || end.here !== end.entries)
    throw new StepError('archive-unknown', 'the zip is one of several parts')
  const behind = size - tail.length + at - (long === undefined ? 0 : LOCATOR_BYTES + END64_BYTES)
  if (end.start + end.bytes !== behind) throw archiveBroken('the directory of the zip does not lie where its end record says')
  return { entries: end.entries, start: end.start, bytes: end.bytes }
}

/** Readers look for it from behind, and some from the front: with two of them they would see two archives. */
function findEnd(tail: Buffer): number {
  const at = tail.lastIndexOf(END, tail.length - END_BYTES)
  if (at === -1 || tail.lastIndexOf(END) !== at) throw archiveBroken('the zip has no end record, or one inside another')
  for (let other = tail.indexOf(END); other < at; other = tail.indexOf(END, other + 1)) {
    const reaches = other + END_BYTES + tail.readUInt16LE(other + 20)
    if (reaches === tail.length || reaches === at) throw archiveBroken('the zip has two end records')
  }
  return at
}

interface Written {
  readonly disks: readonly number[]
  readonly here: number
  readonly entries: number
  readonly bytes: number
  readonly start: number
}

function readLong(tail: Buffer, locator: number, size: number): Written {
  const at = locator - END64_BYTES
  const offset = Number(tail.readBigUInt64LE(locator + 8))
  const placed = at >= 0 && offset === size - tail.length + at && tail.readUInt32LE(at) === END64
  // 44 is the length of what follows, in the first version; later ones encrypt the directory.
  if (!placed || Number(tail.readBigUInt64LE(at + 4)) !== 44)
    throw archiveBroken('the 64-bit end record of the zip is not where it must be')
  const wide = (field: number) => Number(tail.readBigUInt64LE(at + field))
  const disks = [
    tail.readUInt32LE(at + 16),
    tail.readUInt32LE(at + 20),
    tail.readUInt32LE(locator + 4),
    tail.readUInt32LE(locator + 16) - 1,
  ]
  return { disks, here: wide(24), entries: wide(32), bytes: wide(40), start: wide(48) }
}

/** A field of the short record either says the same, or that it is too small to say it. */
function agreed(short: Written, long: Written): Written {
  const pairs = [
    [short.here, long.here, 0xffff],
    [short.entries, long.entries, 0xffff],
    [short.bytes, long.bytes, 0xffffffff],
    [short.start, long.start, 0xffffffff],
  ] as const
  if (pairs.every(([said, meant, full]) => said === meant || said === full)) return long
  throw archiveBroken('the two end records of the zip contradict each other')
}
