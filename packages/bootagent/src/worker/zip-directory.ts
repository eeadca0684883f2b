import { type Entry, fromRandomAccessReaderPromise, RandomAccessReader } from 'yauzl'
import { archiveBroken } from './archive-broken.ts'
import { widen } from './zip-extra.ts'
import type { ZipEnd } from './zip-end.ts'
import { StepError } from '../errors.ts'

/** One entry as the directory at the end of a zip describes it. */
export interface ZipRecord {
  readonly name: Buffer
  readonly flags: number
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly size: number
  /** Where its own header begins. */
  readonly offset: number
  /** Attributes as Unix has them, and as DOS has them. */
  readonly mode: number
  readonly dos: number
}

/** What the end of a zip holds: its directory, and the records after it. */
export interface ZipTail {
  readonly end: ZipEnd
  /** Every byte from where the directory begins. */
  readonly bytes: Buffer
}

/** Reads the directory by yauzl, which is handed nothing but these bytes, and holds what it found against how long it should be. */
export async function readZipDirectory({ end, bytes }: ZipTail): Promise<ZipRecord[]> {
  const records: ZipRecord[] = []
  let length = 0
  try {
    const zip = await fromRandomAccessReaderPromise(new TailReader(bytes, end.start), end.start + bytes.length, OPTIONS)
    for await (const entry of zip.eachEntry()) {
      records.push(recordOf(entry, bytes.subarray(length)))
      length += RECORD_BYTES + entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength
    }
  } catch (error) {
    throw error instanceof StepError
      ? error
      : archiveBroken(`the directory of the zip cannot be read: ${(error as Error).message.slice(0, 200)}`, error)
  }
  if (records.length === end.entries && length === end.bytes) return records
  throw archiveBroken('the directory of the zip is not as long as its end record says')
}

/** Names stay bytes, and lengths unproven: both are looked at by us. */
const OPTIONS = { decodeStrings: false, validateEntrySizes: false, autoClose: false }

/** yauzl reads by position; what lies before the directory it need not see. */
class TailReader extends RandomAccessReader {
  readonly #bytes: Buffer
  readonly #start: number

  constructor(bytes: Buffer, start: number) {
    super()
    this.#bytes = bytes
    this.#start = start
  }

  override read(...[buffer, offset, length, position, done]: Parameters<RandomAccessReader['read']>): void {
    const before = Math.min(length, Math.max(0, this.#start - position))
    buffer.fill(0, offset, offset + before)
    const from = position + before - this.#start
    const copied = this.#bytes.copy(buffer, offset + before, from, from + length - before)
    done(before + copied === length ? null : new Error('it points behind the end'))
  }

  override _readStreamForRange(): never {
    throw new Error('bodies are read as they come, and not by yauzl')
  }
}

const RECORD_BYTES = 46

/** An entry as yauzl read it. The fields with two widths are read again from its bytes, since yauzl takes any that it finds. */
function recordOf(entry: Entry, bytes: Buffer): ZipRecord {
  if (bytes.readUInt16LE(34) !== 0) throw new StepError('archive-unknown', 'the zip is one of several parts')
  const [size = 0, packed = 0, offset = 0] = widen(entry.extraFieldRaw, {
    name: entry.fileNameRaw,
    narrow: [24, 20, 42].map((at) => bytes.readUInt32LE(at)),
  })
  return {
    // Copied, so that the whole directory need not stay for the names' sake.
    name: Buffer.from(entry.fileNameRaw),
    flags: entry.generalPurposeBitFlag,
    method: entry.compressionMethod,
    crc: entry.crc32,
    packed,
    size,
    offset,
    mode: entry.externalFileAttributes >>> 16,
    dos: entry.externalFileAttributes & 0xff,
  }
}
