import type { ByteReader } from './byte-reader.ts'
import { archiveBroken } from './archive-broken.ts'
import { decodeText } from './extended-header.ts'

/** One header structure of an rpm: values by tag. */
export interface RpmHeader {
  /** The whole structure, as its digests are made of it. */
  readonly bytes: Buffer
  has(tag: number): boolean
  /** The one string, or the first of an array; undefined when the tag is absent. */
  text(tag: number): string | undefined
  /** The one number, of 32 bits; undefined when the tag is absent. */
  number(tag: number): number | undefined
}

/** What honest headers stay below: 64 Ki tags were never given, and 100,000 files take some 20 MiB. */
const MOST_TAGS = 65_536
const MOST_DATA = 32 * 1024 ** 2

const INTRO = 16
const ENTRY = 16
const MAGIC = '8eade80100000000'

/** Reads a header structure (rpm's "header format"): an index of tags, and the data they point into. Throws `archive-broken`. */
export async function readRpmHeader(reader: ByteReader): Promise<RpmHeader> {
  const intro = await take(reader, INTRO)
  if (intro.toString('hex', 0, 8) !== MAGIC) throw archiveBroken('a header of the package cannot be read')
  const [tags, length] = [intro.readUInt32BE(8), intro.readUInt32BE(12)]
  if (tags === 0 || tags > MOST_TAGS || length > MOST_DATA) {
    throw archiveBroken(`a header of the package claims ${tags} tags and ${length} bytes, which is more than is read`)
  }
  const index = await take(reader, tags * ENTRY)
  const data = length === 0 ? Buffer.alloc(0) : await take(reader, length)
  return openHeader(Buffer.concat([intro, index, data]), readIndex(index, length), data)
}

async function take(reader: ByteReader, count: number): Promise<Buffer> {
  const bytes = await reader.exactly(count)
  if (bytes === undefined) throw archiveBroken('the package ends before its payload')
  return bytes
}

interface IndexEntry {
  readonly type: number
  readonly offset: number
  readonly count: number
}

const [INT32, STRING, STRING_ARRAY, I18N_STRING] = [4, 6, 8, 9]
/** Bytes of one value by type, in the order of their numbers: null, char, three integers, a long one, strings and bytes. */
const SIZES = [0, 1, 1, 2, 4, 8, 1, 1, 1, 1]

/** Every entry must lie inside the data, and no tag comes twice: else one reader takes the first and another the last. */
function readIndex(index: Buffer, length: number): ReadonlyMap<number, IndexEntry> {
  const entries = new Map<number, IndexEntry>()
  for (let at = 0; at < index.length; at += ENTRY) {
    const [tag, type, offset, count] = [0, 4, 8, 12].map((field) => index.readUInt32BE(at + field)) as [
      number,
      number,
      number,
      number,
    ]
    const size = SIZES[type]
    if (size === undefined || count === 0 || offset + size * count > length)
      throw archiveBroken(`tag ${tag} of the package lies outside its header`)
    if (entries.has(tag)) throw archiveBroken(`tag ${tag} of the package comes twice`)
    entries.set(tag, { type, offset, count })
  }
  return entries
}

function openHeader(bytes: Buffer, entries: ReadonlyMap<number, IndexEntry>, data: Buffer): RpmHeader {
  function find(tag: number, types: readonly number[]): IndexEntry | undefined {
    const entry = entries.get(tag)
    if (entry === undefined || types.includes(entry.type)) return entry
    throw archiveBroken(`tag ${tag} of the package is of another type than it must be`)
  }

  return {
    bytes,
    has: (tag) => entries.has(tag),
    text(tag) {
      const entry = find(tag, [STRING, STRING_ARRAY, I18N_STRING])
      if (entry === undefined) return undefined
      const end = data.indexOf(0, entry.offset)
      if (end === -1) throw archiveBroken(`tag ${tag} of the package does not end`)
      return decodeText(data.subarray(entry.offset, end))
    },
    number(tag) {
      const entry = find(tag, [INT32])
      return entry === undefined ? undefined : data.readUInt32BE(entry.offset)
    },
  }
}
