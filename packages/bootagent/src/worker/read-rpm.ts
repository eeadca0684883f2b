import { createHash } from 'node:crypto'
import { createByteReader, type ByteReader } from './byte-reader.ts'
import { archiveBroken } from './archive-broken.ts'
import { type Compression, decompress } from './decompress.ts'
import type { Claims, Meter, PackageItem } from './package-entry.ts'
import { readCpio } from './read-cpio.ts'
import type { RpmScript } from './request.ts'
import { readRpmHeader, type RpmHeader } from './rpm-header.ts'
import { StepError } from '../errors.ts'

/**
 * Reads an rpm: a lead, a header of digests, the header proper, and a packed cpio archive. Its own digests are held against its bytes
 * where it has them; signatures are not looked at, since the job's checksum vouches for all of it. Files of the header that are not in
 * the payload (`%ghost`) are not made.
 */
export async function* readRpm(bytes: AsyncIterable<Buffer>, meter: Meter): AsyncGenerator<PackageItem, void> {
  const reader = createByteReader(bytes)
  await readLead(reader)
  const digests = await readRpmHeader(reader)
  await skipPadding(reader)
  const start = reader.position()
  const header = await readRpmHeader(reader)
  checkDigest('header', { expected: digests.text(SHA256_OF_HEADER), found: sha256(header.bytes) })
  yield { part: 'claims', claims: claimsOf(header) }
  const compression = compressionOf(header)
  const payload = digested(reader, { ...payloadDigestOf(header), size: digests.number(SIZE_FROM_HEADER), start })
  for await (const entry of readCpio(meter(decompress(compression, payload)))) yield { ...entry, part: 'payload' }
}

/** Tags of the first header … */
const SHA256_OF_HEADER = 273
const SIZE_FROM_HEADER = 1000
/** … and of the second. */
const OS = 1021
const ARCH = 1022
const SOURCE_PACKAGE = 1106
const PAYLOAD_FORMAT = 1124
const PAYLOAD_COMPRESSOR = 1125
const PAYLOAD_DIGEST = 5092
const PAYLOAD_DIGEST_ALGORITHM = 5093

/** What was once all there was of a header; today only its magic number counts, and that this is no source package. */
async function readLead(reader: ByteReader): Promise<void> {
  const lead = await reader.exactly(96)
  if (lead?.readUInt32BE(0) !== 0xedabeedb) throw archiveBroken('the package is no rpm')
  if (lead.readUInt16BE(6) !== 0)
    throw new StepError('archive-unknown', 'the package is a source rpm, which holds nothing to run')
}

/** The first header, and it alone, is padded to whole double words. */
async function skipPadding(reader: ByteReader): Promise<void> {
  const length = -reader.position() & 7
  const padding = length === 0 ? Buffer.alloc(0) : await reader.exactly(length)
  if (padding?.every((byte) => byte === 0) !== true) throw archiveBroken('a header of the package is not padded with zeros')
}

/** What a package says is run around its installation: the script itself, or no more than a program for it. */
const SCRIPTS: readonly (readonly [name: RpmScript, ...tags: number[]])[] = [
  ['%pre', 1023, 1085],
  ['%post', 1024, 1086],
  ['%preun', 1025, 1087],
  ['%postun', 1026, 1088],
  ['%pretrans', 1151, 1153],
  ['%posttrans', 1152, 1154],
  ['%triggers', 1065, 5066, 5076],
]

function claimsOf(header: RpmHeader): Claims {
  if (header.has(SOURCE_PACKAGE))
    throw new StepError('archive-unknown', 'the package is a source rpm, which holds nothing to run')
  const [arch, os] = [header.text(ARCH), header.text(OS)]
  const scripts = SCRIPTS.filter(([, ...tags]) => tags.some((tag) => header.has(tag))).map(([name]) => name)
  return { scripts, ...(arch === undefined ? {} : { arch }), ...(os === undefined ? {} : { os }) }
}

/** Without the tag it is what it always was, says rpm; a payload that is not packed at all goes without the tag as well. */
const COMPRESSIONS: Readonly<Record<string, Compression>> = { gzip: 'gz', xz: 'xz', zstd: 'zst', identity: 'none' }

function compressionOf(header: RpmHeader): Compression {
  const format = header.text(PAYLOAD_FORMAT) ?? 'cpio'
  if (format !== 'cpio')
    throw new StepError('archive-unknown', `the package's payload is a ${format.slice(0, 20)}, which is not read`)
  const written = header.text(PAYLOAD_COMPRESSOR) ?? 'gzip'
  const known = Object.hasOwn(COMPRESSIONS, written) ? COMPRESSIONS[written] : undefined
  if (known === undefined)
    throw new StepError('archive-unknown', `the package's payload is packed with ${written.slice(0, 20)}, which is not read`)
  return known
}

/** Of the hash algorithms rpm numbers (those of OpenPGP) the two that it uses for payloads. */
const ALGORITHMS: ReadonlyMap<number, string> = new Map([
  [8, 'sha256'],
  [10, 'sha512'],
])

interface PayloadDigest {
  readonly algorithm: string
  readonly expected: string | undefined
}

function payloadDigestOf(header: RpmHeader): PayloadDigest {
  const expected = header.text(PAYLOAD_DIGEST)
  const number = header.number(PAYLOAD_DIGEST_ALGORITHM) ?? 8
  const algorithm = ALGORITHMS.get(number)
  if (algorithm === undefined)
    throw new StepError('archive-unknown', `the package's digest of its payload is of the unknown kind ${number}`)
  return { algorithm, expected }
}

/** Hands on the rest of the package, and throws after the last byte when it is not what the headers say. */
async function* digested(
  reader: ByteReader,
  { algorithm, expected, size, start }: PayloadDigest & { readonly size: number | undefined; readonly start: number },
): AsyncGenerator<Buffer, void> {
  const hash = createHash(algorithm)
  for (let piece = await reader.some(Infinity); piece !== undefined; piece = await reader.some(Infinity)) {
    hash.update(piece)
    yield piece
  }
  const found = reader.position() - start
  if (size !== undefined && size !== found)
    throw archiveBroken(`the package says that ${size} bytes follow its first header, but ${found} do`)
  checkDigest('payload', { expected, found: hash.digest('hex') })
}

function checkDigest(what: string, { expected, found }: { expected: string | undefined; found: string }): void {
  if (expected === undefined || expected === found) return
  const shown = [expected, found].map((digest) => digest.replace(/[^0-9a-f]/g, '?').slice(0, 12))
  throw new StepError(
    'checksum-mismatch',
    `the package says that its ${what} has the digest ${shown[0]}…, but it has ${shown[1]}…`,
  )
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
