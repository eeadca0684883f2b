import { crc32 } from 'node:zlib'
import { type ByteReader, createByteReader } from './byte-reader.ts'
import { archiveBroken } from './archive-broken.ts'
import { collect } from './collect.ts'
import { drain } from './drain.ts'
import { inflateRaw } from './decompress.ts'
import { decodeText } from './extended-header.ts'
import type { Meter, PackageEntry } from './package-entry.ts'
import { quote } from './quote.ts'
import { readZipDirectory, type ZipRecord, type ZipTail } from './zip-directory.ts'
import { LONGEST_END, readZipEnd } from './zip-end.ts'
import { DEFLATED, LENGTHS_FOLLOW, zipEntryOf } from './zip-entry.ts'
import { widen } from './zip-extra.ts'
import { StepError } from '../errors.ts'

/** A zip as a stream that passes once, and as a file at rest. */
export interface ZipSource {
  readonly bytes: AsyncIterable<Buffer>
  readonly packed: number
  readAt(position: number, length: number): Promise<Buffer>
}

/**
 * Reads a zip from its first byte to its last. The directory at its end is read first, since it alone says what an entry is; then
 * entries are taken in the order in which they lie, and every byte must belong to just one of them, to the directory or to the end
 * record. Each entry's own header must say what the directory says. The directory that streams past at the end must be the one
 * that was read: so all that counts has been seen by whoever hashes the stream.
 */
export async function* readZip(source: ZipSource, meter: Meter, maxEntries: number): AsyncGenerator<PackageEntry, void> {
  const tail = await readTail(source, maxEntries)
  const records = (await readZipDirectory(tail)).sort((a, b) => a.offset - b.offset)
  const reader = createByteReader(source.bytes)
  for (const [index, record] of records.entries()) {
    const end = records[index + 1]?.offset ?? tail.end.start
    await readLocalHeader(reader, record)
    const body = heldOpen(checkedBody(reader, record, meter))
    const entry = zipEntryOf(record)
    yield { ...entry, ...(entry.kind === 'symlink' ? { linkTarget: await targetOf(body, record) } : {}), part: 'payload', body }
    await drain(body)
    await readDescriptor(reader, record, end)
  }
  if (reader.position() !== tail.end.start) throw archiveBroken(GAP)
  await compareTail(reader, tail)
}

const GAP = 'entries of the zip overlap, or leave bytes between them that belong to none'

/** More than the directory of as many entries as are taken needs. */
const LONGEST_DIRECTORY = 64 * 1024 ** 2

async function readTail({ packed, readAt }: ZipSource, maxEntries: number): Promise<ZipTail> {
  const length = Math.min(packed, LONGEST_END)
  const end = readZipEnd(await readAt(packed - length, length), packed)
  if (end.entries > maxEntries) throw new StepError('archive-too-large', `the package has more than ${maxEntries} entries`)
  if (end.bytes > LONGEST_DIRECTORY)
    throw new StepError('archive-too-large', `the directory of the package is longer than ${LONGEST_DIRECTORY} bytes`)
  return { end, bytes: await readAt(end.start, packed - end.start) }
}

const LOCAL_BYTES = 30
const LOCAL = 0x04034b50

/** An entry's own header, at the very place where the one before has ended. */
async function readLocalHeader(reader: ByteReader, record: ZipRecord): Promise<void> {
  if (reader.position() !== record.offset) throw archiveBroken(GAP)
  const fixed = await reader.exactly(LOCAL_BYTES)
  if (fixed?.readUInt32LE(0) !== LOCAL) throw archiveBroken(`the zip has no entry ${named(record)} where its directory says`)
  const [name, extra] = [await take(reader, fixed.readUInt16LE(26)), await take(reader, fixed.readUInt16LE(28))]
  const [size, packed] = widen(extra, { name, narrow: [fixed.readUInt32LE(22), fixed.readUInt32LE(18)] })
  const crc = fixed.readUInt32LE(14)
  const follow = (record.flags & LENGTHS_FOLLOW) !== 0
  const agrees =
    name.equals(record.name) &&
    fixed.readUInt16LE(6) === record.flags &&
    fixed.readUInt16LE(8) === record.method &&
    [
      [size, record.size],
      [packed, record.packed],
      [crc, record.crc],
    ].every(([here, there]) => here === there || (follow && here === 0))
  if (!agrees)
    throw archiveBroken(`the package's entry ${named(record)} says something else of itself than the directory of the zip`)
  // Who reads from the front could not tell where such a body ends, and would look for a mark that the body may hold.
  if (record.method !== DEFLATED && packed !== record.packed)
    throw archiveBroken(`the package's entry ${named(record)} does not say where it ends`)
}

async function take(reader: ByteReader, count: number): Promise<Buffer> {
  if (count === 0) return Buffer.alloc(0)
  const bytes = await reader.exactly(count)
  if (bytes === undefined) throw archiveBroken('the zip ends inside an entry')
  return bytes
}

/** Hands an entry's bytes on, and throws after the last of them unless their number and their checksum are as the directory says. */
async function* checkedBody(reader: ByteReader, record: ZipRecord, meter: Meter): AsyncGenerator<Buffer, void> {
  const packed = reader.pieces(record.packed)
  let [size, crc] = [0, 0]
  for await (const piece of meter(record.method === DEFLATED ? inflateRaw(packed) : packed)) {
    size += piece.length
    crc = crc32(piece, crc)
    if (size > record.size) break
    yield piece
  }
  if (size !== record.size || crc !== record.crc)
    throw archiveBroken(
      `the package's entry ${named(record)} is not as long as the directory of the zip says, or not of its checksum`,
    )
}

/** Bytes that a reader who stops early leaves to the next one. */
function heldOpen(bytes: AsyncGenerator<Buffer, void>): AsyncIterable<Buffer> {
  return { [Symbol.asyncIterator]: () => ({ next: () => bytes.next() }) }
}

const LONGEST_TARGET = 4096

async function targetOf(body: AsyncIterable<Buffer>, record: ZipRecord): Promise<string> {
  const { size } = record
  if (size > LONGEST_TARGET) throw archiveBroken(`the package's entry ${named(record)} is a link to a path of ${size} bytes`)
  return decodeText(await collect(body))
}

function named({ name }: ZipRecord): string {
  return quote(name.toString('utf8'))
}

const DESCRIPTOR = 0x08074b50

/** What stands between a body and the next entry: lengths of 32 or 64 bits, with or without a mark before them, or nothing. */
async function readDescriptor(reader: ByteReader, record: ZipRecord, end: number): Promise<void> {
  if ((record.flags & LENGTHS_FOLLOW) === 0) return
  const length = end - reader.position()
  const form = FORMS.get(length)
  if (form === undefined) throw archiveBroken(GAP)
  const bytes = await take(reader, length)
  const marked = form.mark === 0 || bytes.readUInt32LE(0) === DESCRIPTOR
  const fields = bytes.subarray(form.mark)
  const read = (at: number) => (form.width === 4 ? fields.readUInt32LE(at) : Number(fields.readBigUInt64LE(at)))
  if (marked && fields.readUInt32LE(0) === record.crc && read(4) === record.packed && read(4 + form.width) === record.size) return
  throw archiveBroken(`the package's entry ${named(record)} says something else after its body than the directory of the zip`)
}

const FORMS: ReadonlyMap<number, { mark: number; width: 4 | 8 }> = new Map([
  [12, { mark: 0, width: 4 }],
  [16, { mark: 4, width: 4 }],
  [20, { mark: 0, width: 8 }],
  [24, { mark: 4, width: 8 }],
])

async function compareTail(reader: ByteReader, { bytes }: ZipTail): Promise<void> {
  let at = 0
  for (let piece = await reader.some(65_536); piece !== undefined; piece = await reader.some(65_536)) {
    if (!piece.equals(bytes.subarray(at, at + piece.length))) throw archiveBroken('the zip was changed while it was read')
    at += piece.length
  }
}
