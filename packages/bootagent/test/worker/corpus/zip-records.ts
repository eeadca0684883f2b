import { crc32, deflateRawSync } from 'node:zlib'

/** One file of a zip. Every field can be made wrong; what is left out is as Info-ZIP would write it under Unix. */
export interface ZipPart {
  readonly name: string | Buffer
  readonly body?: string | Buffer
  /** Type and rights, as in `st_mode`; 0o100644 by default, 0o40755 for a name that ends in a slash. */
  readonly mode?: number
  /** 0 is stored, 8 deflated, which is the default for a body. */
  readonly method?: number
  readonly flags?: number
  /** The system that gave the file its attributes: 3 is Unix, 0 is DOS. */
  readonly host?: number
  readonly version?: number
  /** The bytes in the archive, in place of the packed body. */
  readonly packed?: Buffer
  readonly crc?: number
  readonly packedSize?: number
  readonly size?: number
  readonly extra?: Buffer
  readonly comment?: string
  readonly disk?: number
  /** Where the directory says that the record begins, in place of where it does. */
  readonly at?: number
  /** What the record in front of the bytes says, where it differs from the directory. */
  readonly local?: Partial<Pick<ZipPart, 'name' | 'method' | 'flags' | 'crc' | 'packedSize' | 'size' | 'extra'>>
  /** What stands behind the bytes: a data descriptor, or something that is none. */
  readonly behind?: Buffer
  /** True leaves out the record and the bytes: the directory alone names the file. */
  readonly absent?: boolean
}

/** The rest of a zip. */
export interface ZipFrame {
  readonly before?: Buffer
  /** Between the last file and the directory. */
  readonly between?: Buffer
  readonly comment?: string | Buffer
  readonly after?: Buffer
  /** Fields of the record at the end, in place of the true ones. */
  readonly end?: Partial<ZipEnd>
  /** Writes the zip64 records, with these fields in place of the true ones. */
  readonly zip64?: Partial<ZipEnd>
}

/** What the record at the end says of the directory. */
export interface ZipEnd {
  readonly disk: number
  readonly entriesHere: number
  readonly entries: number
  readonly size: number
  readonly offset: number
}

/** A zip of these files, in this order, both in the archive and in its directory. */
export function zip(parts: readonly ZipPart[], frame: ZipFrame = {}): Buffer {
  const pieces = [frame.before ?? Buffer.alloc(0)]
  const directory: Buffer[] = []
  let at = pieces[0]?.length ?? 0
  for (const part of parts) {
    const record = part.absent === true ? Buffer.alloc(0) : localRecord(part)
    directory.push(directoryRecord(part, part.at ?? at))
    pieces.push(record)
    at += record.length
  }
  const between = frame.between ?? Buffer.alloc(0)
  const written = Buffer.concat(directory)
  const end = { disk: 0, entriesHere: parts.length, entries: parts.length, size: written.length, offset: at + between.length }
  return Buffer.concat([
    ...pieces,
    between,
    written,
    frame.zip64 === undefined ? Buffer.alloc(0) : zip64End({ ...end, ...frame.zip64 }, at + between.length + written.length),
    zipEnd({ ...end, ...frame.end }, frame.comment ?? ''),
    frame.after ?? Buffer.alloc(0),
  ])
}

/** One extra field: its number, and what it holds. */
export function extra(id: number, body: Buffer): Buffer {
  return Buffer.concat([fields([2, id], [2, body.length]), body])
}

/** A data descriptor as flag 8 promises it behind the bytes. */
export function descriptor(crc: number, packedSize: number, size: number): Buffer {
  return fields([4, 0x08074b50], [4, crc], [4, packedSize], [4, size])
}

/** The record at the end: also for an archive that has two. */
export function zipEnd(end: ZipEnd, comment: string | Buffer = ''): Buffer {
  const note = Buffer.from(comment)
  const { disk, entriesHere, entries, size, offset } = end
  const head = fields([4, 0x06054b50], [2, disk], [2, disk], [2, entriesHere], [2, entries], [4, size], [4, offset])
  return Buffer.concat([head, fields([2, note.length]), note])
}

function zip64End({ disk, entriesHere, entries, size, offset }: ZipEnd, at: number): Buffer {
  return Buffer.concat([
    fields([4, 0x06064b50], [8, 44], [2, 45], [2, 45], [4, disk], [4, disk]),
    fields([8, entriesHere], [8, entries], [8, size], [8, offset]),
    fields([4, 0x07064b50], [4, 0], [8, at], [4, 1]),
  ])
}

function localRecord(part: ZipPart): Buffer {
  const all = { ...completed(part), ...part.local }
  const [name, more] = [Buffer.from(all.name), all.extra]
  return Buffer.concat([
    fields([4, 0x04034b50], [2, 20], [2, all.flags], [2, all.method], ...TIME, [4, all.crc], [4, all.packedSize], [4, all.size]),
    fields([2, name.length], [2, more.length]),
    name,
    more,
    all.packed,
    part.behind ?? Buffer.alloc(0),
  ])
}

function directoryRecord(part: ZipPart, at: number): Buffer {
  const all = completed(part)
  const [name, more, comment] = [Buffer.from(all.name), all.extra, Buffer.from(part.comment ?? '')]
  return Buffer.concat([
    fields([4, 0x02014b50], [1, part.version ?? 20], [1, part.host ?? 3], [2, 20], [2, all.flags], [2, all.method], ...TIME),
    fields([4, all.crc], [4, all.packedSize], [4, all.size], [2, name.length], [2, more.length], [2, comment.length]),
    // In the upper half of the attributes Unix has its mode, in the lower DOS its bits, of which 0x10 is a directory.
    fields([2, part.disk ?? 0], [2, 0], [2, (all.mode & 0o170000) === 0o40000 ? 0x10 : 0], [2, all.mode], [4, at]),
    name,
    more,
    comment,
  ])
}

function completed(part: ZipPart) {
  const body = Buffer.from(part.body ?? '')
  const method = part.method ?? (body.length === 0 ? 0 : 8)
  const packed = part.packed ?? (method === 8 ? deflateRawSync(body) : body)
  const isDirectory = Buffer.from(part.name).at(-1) === SLASH
  return {
    name: part.name,
    method,
    packed,
    mode: part.mode ?? (isDirectory ? 0o40755 : 0o100644),
    // Names are UTF-8 and say so.
    flags: part.flags ?? 0x0800,
    crc: part.crc ?? crc32(body),
    packedSize: part.packedSize ?? packed.length,
    size: part.size ?? body.length,
    extra: part.extra ?? Buffer.alloc(0),
  }
}

const SLASH = 0x2f
/** 12:00:00 on 2024-01-01, as DOS writes it. */
const TIME = [
  [2, 0x6000],
  [2, 0x5821],
] as const

/** Numbers in little-endian, each with its width in bytes. */
function fields(...numbers: readonly (readonly [width: number, value: number])[]): Buffer {
  return Buffer.concat(numbers.map(([width, value]) => littleEndian(width, value)))
}

function littleEndian(width: number, value: number): Buffer {
  const bytes = Buffer.alloc(width)
  if (width === 8) bytes.writeBigUInt64LE(BigInt(value))
  else bytes.writeUIntLE(value, 0, width)
  return bytes
}
