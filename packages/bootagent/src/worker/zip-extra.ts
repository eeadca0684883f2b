import { archiveBroken } from './archive-broken.ts'

/** What a header of a zip says in fields too narrow for large archives, in the order in which wide ones take their place. */
export interface NarrowFields {
  readonly name: Buffer
  /** Of 32 bits each; all ones mean that a wide field says it. */
  readonly narrow: readonly number[]
}

const ZIP64 = 0x0001
const UNICODE_PATH = 0x7075
const FULL = 0xffffffff

/** The fields' true values. Extra fields that give what needs no other value a second one, or the entry a second name, are refused. */
export function widen(extra: Buffer, { name, narrow }: NarrowFields): number[] {
  const fields = readExtra(extra)
  const path = fields.get(UNICODE_PATH)
  // A version, a checksum of the other name, and this name.
  if (path?.subarray(5).equals(name) === false) throw archiveBroken('an entry of the zip has two names')
  const wide = fields.get(ZIP64) ?? Buffer.alloc(0)
  const needed = narrow.filter((value) => value === FULL).length
  // The number of a disk may follow.
  if (wide.length !== 8 * needed && wide.length !== 8 * needed + 4)
    throw archiveBroken('an entry of the zip gives a length or a place twice, or not at all')
  let at = -8
  return narrow.map((value) => (value === FULL ? readWide(wide, (at += 8)) : value))
}

function readWide(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigUInt64LE(at))
  if (!Number.isSafeInteger(value)) throw archiveBroken('an entry of the zip has a length or a place that cannot be')
  return value
}

/** Fields by their number: number, length, data. Aligning tools leave up to three zeros at the end. */
function readExtra(extra: Buffer): ReadonlyMap<number, Buffer> {
  const fields = new Map<number, Buffer>()
  let at = 0
  while (at + 4 <= extra.length) {
    const [id, length] = [extra.readUInt16LE(at), extra.readUInt16LE(at + 2)]
    const data = extra.subarray(at + 4, at + 4 + length)
    if (data.length !== length || (fields.has(id) && [ZIP64, UNICODE_PATH].includes(id))) throw archiveBroken(BAD_EXTRA)
    fields.set(id, data)
    at += 4 + length
  }
  if (extra.subarray(at).some((byte) => byte !== 0)) throw archiveBroken(BAD_EXTRA)
  return fields
}

const BAD_EXTRA = 'an entry of the zip has an extra field that cannot be read, or that comes twice'
