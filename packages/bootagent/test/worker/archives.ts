import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import type { PackageSource } from '../../src/worker/read-package.ts'

/** One tar header and its body. Every field can be made wrong; what is left out is as GNU tar would write it. */
export interface TarPart {
  readonly name?: string | Buffer
  readonly type?: string
  readonly mode?: number
  readonly body?: string | Buffer
  /** As many bytes as the body by default; text goes into the field as it is. */
  readonly size?: number | string | Buffer
  readonly link?: string | Buffer
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
  put(block, 108, octal(0, 8))
  put(block, 116, octal(0, 8))
  put(
    block,
    124,
    typeof fields.size === 'object' || typeof fields.size === 'string' ? fields.size : octal(fields.size ?? body.length, 12),
  )
  put(block, 136, octal(1_700_000_000, 12))
  put(block, 156, fields.type ?? '0')
  put(block, 157, fields.link ?? '')
  put(block, 257, fields.magic ?? 'ustar\x0000')
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
export function long(name: string, type: 'L' | 'K' = 'L'): Buffer {
  return part({ name: '././@LongLink', type, body: `${name}\0`, magic: 'ustar  \0' })
}

/** The two blocks of zeros that end an archive. */
export const END = Buffer.alloc(1024)

export function tar(...parts: readonly Buffer[]): Buffer {
  return Buffer.concat([...parts, END])
}

export function targz(...parts: readonly Buffer[]): Buffer {
  return gzipSync(tar(...parts))
}

/** One member of an ar archive. */
export type Member = readonly [name: string, body: Buffer | string]

/** An ar archive of members by name; a name longer than 16 characters spills, as it would. */
export function ar(...members: readonly Member[]): Buffer {
  const written = members.flatMap(([name, body]) => {
    const bytes = Buffer.from(body)
    const header = `${name.padEnd(16)}${'0'.padEnd(12)}${'0'.padEnd(6)}${'0'.padEnd(6)}${'100644'.padEnd(8)}${String(bytes.length).padEnd(10)}\`\n`
    return [Buffer.from(header), bytes, Buffer.alloc(bytes.length % 2, '\n')]
  })
  return Buffer.concat([Buffer.from('!<arch>\n'), ...written])
}

export const DEB_VERSION = ['debian-binary', '2.0\n'] as const
export const DEB_CONTROL = ['control.tar.gz', targz(file('./control', 'Package: p\n'))] as const

/** A deb with this payload and nothing unusual about it. */
export function deb(...payload: readonly Buffer[]): Buffer {
  return ar(DEB_VERSION, DEB_CONTROL, ['data.tar.gz', targz(...payload)])
}

/** An archive in memory as a reader of packages is given one. */
export function atRest(packed: Buffer): Pick<PackageSource, 'bytes' | 'packed' | 'readAt'> {
  return {
    bytes: Readable.from([packed]),
    packed: packed.length,
    readAt: (position, length) => Promise.resolve(packed.subarray(position, position + length)),
  }
}

function put(block: Buffer, at: number, value: string | Buffer): void {
  Buffer.from(value).copy(block, at)
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
