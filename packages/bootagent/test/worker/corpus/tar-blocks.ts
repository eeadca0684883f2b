import { gzipSync } from 'node:zlib'

/** One tar header and its body. Every field can be made wrong; what is left out is as GNU tar would write it. */
export interface TarPart {
  readonly name?: string | Buffer
  readonly type?: string
  readonly mode?: number
  /** A number of octal digits, or what stands in the field. */
  readonly uid?: number | Buffer
  readonly gid?: number | Buffer
  readonly body?: string | Buffer
  /** As many bytes as the body by default; text goes into the field as it is. */
  readonly size?: number | string | Buffer
  readonly link?: string | Buffer
  /** 329 to 345: major and minor number of a device. */
  readonly device?: readonly [major: number, minor: number]
  readonly prefix?: string
  readonly magic?: string
  /** Text of the field, in place of the sum of the bytes. */
  readonly checksum?: string
}

/** A header block and the body after it, padded to whole blocks. */
export function part(fields: TarPart): Buffer {
  const body = Buffer.from(fields.body ?? '')
  const block = Buffer.alloc(512)
  put(block, 0, fields.name ?? 'file')
  put(block, 100, octal(fields.mode ?? 0o644, 8))
  put(block, 108, numberField(fields.uid ?? 0, 8))
  put(block, 116, numberField(fields.gid ?? 0, 8))
  put(block, 124, numberField(fields.size ?? body.length, 12))
  put(block, 136, octal(1_700_000_000, 12))
  put(block, 156, fields.type ?? '0')
  put(block, 157, fields.link ?? '')
  put(block, 257, fields.magic ?? 'ustar\x0000')
  if (fields.device !== undefined) fields.device.forEach((number, n) => put(block, 329 + n * 8, octal(number, 8)))
  put(block, 345, fields.prefix ?? '')
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(block, 148, fields.checksum ?? `${octal(sum, 7)}\0 `)
  return Buffer.concat([block, body, Buffer.alloc((512 - (body.length % 512)) % 512)])
}

export const file = (name: string | Buffer, body = 'x'): Buffer => part({ name, body })
export const directory = (name: string): Buffer => part({ name, type: '5', mode: 0o755 })
export const symlink = (name: string, link: string): Buffer => part({ name, type: '2', link })
export const hardlink = (name: string, link: string): Buffer => part({ name, type: '1', link })

/** A pax header: `x` for the entry after it, `g` for all. Values may be bytes. */
export function pax(records: Readonly<Record<string, string | Buffer>>, type = 'x'): Buffer {
  const lines = Object.entries(records).map(([key, value]) =>
    paxRecord(Buffer.concat([Buffer.from(`${key}=`), Buffer.from(value)])),
  )
  return part({ name: 'PaxHeaders/file', type, body: Buffer.concat(lines) })
}

/** GNU's long name (`L`) or long link target (`K`). */
export function long(name: string | Buffer, type: 'L' | 'K' = 'L'): Buffer {
  return part({ name: '././@LongLink', type, body: Buffer.concat([Buffer.from(name), Buffer.alloc(1)]), magic: 'ustar  \0' })
}

/** The two blocks of zeros that end an archive. */
export const END = Buffer.alloc(1024)

export function tar(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, END])
}

export function targz(...parts: readonly Buffer[]): Buffer {
  return gzipSync(tar(...parts))
}

function put(block: Buffer, at: number, value: string | Buffer): void {
  Buffer.from(value).copy(block, at)
}

function numberField(value: number | string | Buffer, width: number): string | Buffer {
  return typeof value === 'number' ? octal(value, width) : value
}

function octal(value: number, width: number): string {
  return value.toString(8).padStart(width - 1, '0')
}

/** The length in front counts itself, so it is found by trying. */
function paxRecord(record: Buffer): Buffer {
  let length = record.length + 3
  while (`${length} `.length + record.length + 1 !== length) length += 1
  return Buffer.concat([Buffer.from(`${length} `), record, Buffer.from('\n')])
}
