import { type ByteReader, createByteReader } from './byte-reader.ts'
import { archiveBroken } from './archive-broken.ts'
import { decodeText } from './extended-header.ts'
import type { WrittenEntry } from './judge-entry.ts'
import { quote } from './quote.ts'
import { StepError } from '../errors.ts'

/** One entry and, until the next one is asked for, its bytes. */
export interface CpioEntry extends WrittenEntry {
  readonly body: AsyncIterable<Buffer>
}

/**
 * Reads a cpio archive of the kind rpm writes (cpio(5), "new ASCII"), to the last byte of the stream. Of files with several names the
 * last one carries the bytes: it comes first from here, and the others as hard links to it. Throws `archive-broken`, or
 * `archive-unsafe` for names.
 */
export async function* readCpio(bytes: AsyncIterable<Buffer>): AsyncGenerator<CpioEntry, void> {
  const reader = createByteReader(bytes)
  const groups = createGroups()
  for (;;) {
    const header = await readHeader(reader)
    const end = reader.position() + header.size
    if (header.name === TRAILER) break
    yield* groups.sort(header, { ...(await entryOf(header, reader)), body: reader.pieces(end - reader.position()) })
    await reader.skipTo(end)
    await readPadding(reader)
  }
  yield* groups.rest()
  await readEnd(reader)
}

const TRAILER = 'TRAILER!!!'

interface Header {
  readonly name: string
  readonly mode: number
  readonly size: number
  /** What the names of one file have in common, and how many there are. */
  readonly file: string
  readonly names: number
}

/** A magic number and 13 fields of 8 hexadecimal digits; the name follows, ended by a NUL. */
const HEADER_BYTES = 110
const LONGEST_NAME = 4096

async function readHeader(reader: ByteReader): Promise<Header> {
  const bytes = await reader.exactly(HEADER_BYTES)
  if (bytes === undefined) throw archiveBroken('the archive ends without the entry that marks its end')
  const text = bytes.toString('latin1')
  if (text.startsWith('07070X'))
    throw new StepError('archive-unknown', 'the package holds files of 4 GiB and more, which are not read')
  if (!/^070701[0-9A-Fa-f]{104}$/.test(text)) throw archiveBroken('a header of the cpio archive cannot be read')
  const field = (index: number) => Number.parseInt(text.slice(6 + 8 * index, 14 + 8 * index), 16)
  const name = await readName(reader, field(11))
  return { name, mode: field(1), size: field(6), names: field(4), file: `${field(7)}:${field(8)}:${field(0)}` }
}

async function readName(reader: ByteReader, length: number): Promise<string> {
  if (length < 2 || length > LONGEST_NAME) throw archiveBroken(`an entry of the cpio archive has a name of ${length} bytes`)
  const name = await reader.exactly(length)
  if (name?.at(-1) !== 0) throw archiveBroken('a name in the cpio archive does not end where it should')
  await readPadding(reader)
  return decodeText(name.subarray(0, -1))
}

const KINDS: ReadonlyMap<number, WrittenEntry['kind']> = new Map([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'symlink'],
])

const WORDS: ReadonlyMap<number, string> = new Map([
  [0o020000, 'a character device'],
  [0o060000, 'a block device'],
  [0o010000, 'a fifo'],
  [0o140000, 'a socket'],
])

async function entryOf({ name, mode, size }: Header, reader: ByteReader): Promise<WrittenEntry> {
  const type = mode & 0o170000
  const kind = KINDS.get(type) ?? 'other'
  const what = WORDS.get(type)
  const facts = { kind, path: name, mode: mode & 0o7777, size: kind === 'file' ? size : 0 }
  if (kind === 'symlink') return { ...facts, linkTarget: await readTarget(reader, size) }
  if (kind !== 'file' && size > 0) throw archiveBroken(`the package's entry ${quote(name)} is no file and has a body`)
  return what === undefined ? facts : { ...facts, what }
}

async function readTarget(reader: ByteReader, size: number): Promise<string> {
  if (size > LONGEST_NAME) throw archiveBroken(`a link of the cpio archive leads to a path of ${size} bytes`)
  const target = size === 0 ? undefined : await reader.exactly(size)
  return decodeText(target ?? Buffer.alloc(0))
}

/** Names that wait for the bytes of their file; more of them than this are no honest package. */
const MOST_WAITING = 10_000

/** Puts the names of one file in the order a reader of links can work with. */
interface Groups {
  sort(header: Header, entry: CpioEntry): Generator<CpioEntry, void>
  /** What has waited for bytes that never came: files that are empty. */
  rest(): Generator<CpioEntry, void>
}

function createGroups(): Groups {
  const waiting = new Map<string, WrittenEntry[]>()
  const complete = new Set<string>()
  let count = 0

  function* sort({ file, names, size }: Header, entry: CpioEntry): Generator<CpioEntry, void> {
    if (entry.kind !== 'file' || names < 2) {
      yield entry
      return
    }
    if (complete.has(file)) throw archiveBroken('a file with several names has its bytes before the last of them')
    count += 1
    if (count > MOST_WAITING) throw new StepError('archive-too-large', `the package has more than ${MOST_WAITING} hard links`)
    const others = waiting.get(file) ?? []
    if (size === 0) {
      waiting.set(file, [...others, entry])
      return
    }
    complete.add(file)
    waiting.delete(file)
    yield entry
    yield* linksTo(entry.path, others)
  }

  function* rest(): Generator<CpioEntry, void> {
    for (const [first, ...others] of waiting.values()) {
      if (first === undefined) continue
      yield { ...first, body: nothing() }
      yield* linksTo(first.path, others)
    }
  }

  return { sort, rest }
}

function* linksTo(linkTarget: string, names: readonly WrittenEntry[]): Generator<CpioEntry, void> {
  for (const name of names) yield { ...name, kind: 'hardlink', size: 0, linkTarget, body: nothing() }
}

async function* nothing(): AsyncGenerator<Buffer, void> {}

/** Names and bodies are padded to whole words; what stands there means nothing, so nothing may stand there. */
async function readPadding(reader: ByteReader): Promise<void> {
  const length = -reader.position() & 3
  const padding = length === 0 ? Buffer.alloc(0) : await reader.exactly(length)
  if (padding?.every(isZero) !== true) throw archiveBroken('the cpio archive is not padded with zeros')
}

async function readEnd(reader: ByteReader): Promise<void> {
  for (let piece = await reader.some(65_536); piece !== undefined; piece = await reader.some(65_536)) {
    if (!piece.every(isZero)) throw archiveBroken('the archive goes on after its end')
  }
}

function isZero(byte: number): boolean {
  return byte === 0
}
