import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'

/** One cpio header in the form that rpm uses ("newc") and its body. Every field can be made wrong. */
export interface CpioPart {
  readonly name: string | Buffer
  readonly body?: string | Buffer
  /** Type and rights, as in `st_mode`; 0o100644 by default. */
  readonly mode?: number
  readonly magic?: string
  readonly inode?: number
  readonly uid?: number
  readonly gid?: number
  readonly links?: number
  readonly device?: readonly [major: number, minor: number]
  /** As many bytes as the body by default; text goes into the field as it is. */
  readonly size?: number | string
  /** Bytes of the name with the NUL behind it. */
  readonly nameSize?: number | string
  /** Sum of the body's bytes, which only the form 070702 has. */
  readonly check?: number
}

/** 110 bytes of hexadecimal text, the name and the body, both padded to four bytes. */
export function cpioPart(part: CpioPart): Buffer {
  const body = Buffer.from(part.body ?? '')
  const name = Buffer.concat([Buffer.from(part.name), Buffer.alloc(1)])
  const [major, minor] = part.device ?? [0, 0]
  const numbers = [part.inode ?? 1, part.mode ?? 0o100644, part.uid ?? 0, part.gid ?? 0, part.links ?? 1, 1_700_000_000]
  const sizes = [part.size ?? body.length, 0, 0, major, minor, part.nameSize ?? name.length, part.check ?? 0]
  const header = (part.magic ?? '070701') + [...numbers, ...sizes].map(hexField).join('')
  return Buffer.concat([padded(Buffer.concat([Buffer.from(header), name])), padded(body)])
}

/** The entry that ends a cpio archive. */
export const TRAILER = cpioPart({ name: 'TRAILER!!!', mode: 0, inode: 0 })

export function cpio(parts: readonly CpioPart[]): Buffer {
  return Buffer.concat([...parts.map(cpioPart), TRAILER])
}

/** One value of an rpm header. */
export type RpmValue = string | readonly string[] | readonly number[] | { readonly int16: readonly number[] }

/** An rpm around a payload: lead, an empty signature, the header, the payload. */
export interface RpmParts {
  /** The files as the header lists them; those of the payload by default. */
  readonly files?: readonly CpioPart[]
  /** Values by tag in place of the true ones, `undefined` leaves one out. */
  readonly tags?: Readonly<Record<number, RpmValue | undefined>>
  readonly lead?: Buffer
  readonly signature?: Buffer
  readonly header?: Buffer
  readonly after?: Buffer
}

/** An rpm that holds these entries, packed with gzip. */
export function rpm(entries: readonly CpioPart[], parts: RpmParts = {}): Buffer {
  return rpmOf(gzipSync(cpio(entries)), { ...parts, files: parts.files ?? entries })
}

/** An rpm around bytes that should be a packed cpio archive. */
export function rpmOf(payload: Buffer, parts: RpmParts = {}): Buffer {
  const known: Readonly<Record<number, RpmValue>> = { ...ABOUT, ...fileTags(parts.files ?? []), ...digestTags(payload) }
  const tags = Object.entries({ ...known, ...parts.tags }).filter((entry): entry is [string, RpmValue] => entry[1] !== undefined)
  const header = parts.header ?? rpmHeader(tags.map(([tag, value]) => [Number(tag), value]))
  const signature = parts.signature ?? rpmHeader([[SIGNATURE_SIZE, [header.length + payload.length]]])
  return Buffer.concat([
    parts.lead ?? lead(),
    signature,
    Buffer.alloc((8 - (signature.length % 8)) % 8),
    header,
    payload,
    parts.after ?? Buffer.alloc(0),
  ])
}

/** Name, version, release, system, processor, form of the payload, its packing, the packing's level. */
const ABOUT = { 1000: 'p', 1001: '1', 1002: '1', 1021: 'linux', 1022: 'noarch', 1124: 'cpio', 1125: 'gzip', 1126: '9' }
const SIGNATURE_SIZE = 1000
const SHA256 = 8

function digestTags(payload: Buffer): Readonly<Record<number, RpmValue>> {
  return { 5092: [createHash('sha256').update(payload).digest('hex')], 5093: [SHA256] }
}

/** Sizes, modes, devices, link targets, flags, users, groups, then names cut into directories and the rest. */
function fileTags(files: readonly CpioPart[]): Readonly<Record<number, RpmValue>> {
  if (files.length === 0) return {}
  const paths = files.map(({ name }) => Buffer.from(name).toString('latin1').replace(/^\.\//, '/'))
  const directories = [...new Set(paths.map(directoryOf))]
  const isLink = ({ mode }: CpioPart) => ((mode ?? 0) & 0o170000) === 0o120000
  return {
    1028: files.map(({ body }) => Buffer.from(body ?? '').length),
    1030: { int16: files.map(({ mode }) => mode ?? 0o100644) },
    1033: { int16: files.map(({ device }) => (device === undefined ? 0 : device[0] * 256 + device[1])) },
    1036: files.map((file) => (isLink(file) ? Buffer.from(file.body ?? '').toString('latin1') : '')),
    1037: files.map(() => 0),
    1039: files.map(() => 'root'),
    1040: files.map(() => 'root'),
    1096: files.map(({ inode }, n) => inode ?? n + 1),
    1116: paths.map((path) => directories.indexOf(directoryOf(path))),
    1117: paths.map((path) => path.slice(directoryOf(path).length)),
    1118: directories,
  }
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}

/** 96 bytes that nothing but file(1) reads any more. */
export function lead(fields: { magic?: string; type?: number } = {}): Buffer {
  const bytes = Buffer.alloc(96)
  bytes.write(fields.magic ?? 'edabeedb', 0, 'hex')
  bytes.writeUInt8(3, 4)
  bytes.writeUInt16BE(fields.type ?? 0, 6)
  bytes.writeUInt16BE(1, 8)
  bytes.write('p-1-1', 10)
  bytes.writeUInt16BE(1, 76)
  bytes.writeUInt16BE(5, 78)
  return bytes
}

/** A header structure: magic, two counts, an index of 16 bytes a value, and the values. The counts can be made wrong. */
export function rpmHeader(
  values: readonly (readonly [tag: number, value: RpmValue])[],
  counts: { readonly entries?: number; readonly bytes?: number } = {},
): Buffer {
  const index: Buffer[] = []
  let store = Buffer.alloc(0)
  for (const [tag, value] of values.toSorted(([a], [b]) => a - b)) {
    const { type, count, bytes, align } = stored(value)
    store = Buffer.concat([store, Buffer.alloc((align - (store.length % align)) % align)])
    index.push(bigEndian(tag, type, store.length, count))
    store = Buffer.concat([store, bytes])
  }
  const head = Buffer.concat([
    Buffer.from('8eade80100000000', 'hex'),
    bigEndian(counts.entries ?? index.length, counts.bytes ?? store.length),
  ])
  return Buffer.concat([head, ...index, store])
}

/** Types of rpm: 3 is 16 bits, 4 is 32 bits, 6 one text, 8 many. */
function stored(value: RpmValue): { type: number; count: number; bytes: Buffer; align: number } {
  if (typeof value === 'string') return { type: 6, count: 1, bytes: Buffer.from(`${value}\0`, 'latin1'), align: 1 }
  if ('int16' in value) {
    const bytes = Buffer.concat(value.int16.map((number) => bigEndian(number).subarray(2)))
    return { type: 3, count: value.int16.length, bytes, align: 2 }
  }
  const numbers = value.filter((each) => typeof each === 'number')
  if (numbers.length > 0) return { type: 4, count: numbers.length, bytes: bigEndian(...numbers), align: 4 }
  return { type: 8, count: value.length, bytes: Buffer.from(value.map((each) => `${each}\0`).join(''), 'latin1'), align: 1 }
}

function bigEndian(...numbers: readonly number[]): Buffer {
  const bytes = Buffer.alloc(numbers.length * 4)
  numbers.forEach((number, n) => bytes.writeUInt32BE(number >>> 0, n * 4))
  return bytes
}

function hexField(value: number | string): string {
  return typeof value === 'string' ? value : (value >>> 0).toString(16).padStart(8, '0')
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)])
}
