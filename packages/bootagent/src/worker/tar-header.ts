import { Header } from 'tar/header'
import { Pax } from 'tar/pax'
import { decodeText, EXTENDED_TYPES, type ExtendedType, type Overrides } from './extended-header.ts'
import type { WrittenEntry } from './judge-entry.ts'
import { quote } from './quote.ts'
import { archiveBroken } from './archive-broken.ts'

/** Bytes of a header, and what bodies are padded to. */
export const BLOCK = 512

/** POSIX, GNU, and the tar from before both. Others lay out the fields in ways on which readers disagree. */
const MAGICS = ['ustar\x0000', 'ustar  \0', '\0\0\0\0\0\0\0\0']

/** What one header block turned out to be: an entry, or a note about the next one with a body of `size` bytes. */
export type TarHeader =
  | { readonly extended: ExtendedType; readonly size: number }
  | { readonly entry: WrittenEntry; readonly size: number }

/**
 * Reads one 512-byte header. The `tar` package decodes the fields; what it forgives (a NUL with more behind it, broken
 * UTF-8, numbers that end in letters, bodies where there are none) is refused before, since others read it differently.
 */
export function readHeader(block: Buffer, overrides: Overrides | undefined): TarHeader {
  if (!MAGICS.includes(block.toString('latin1', 257, 265))) throw archiveBroken('the archive is no tar of a kind that is read')
  const written = writtenSize(block)
  const header = decode(block, overrides)
  const extended = EXTENDED_TYPES.find((type) => type === header.typeKey)
  if (extended !== undefined) return { extended, size: written }
  checkNames(block, overrides)
  const kind = KINDS.get(header.typeKey) ?? 'other'
  const size = kind === 'file' ? (overrides?.size ?? written) : 0
  if (kind !== 'file' && (overrides?.size !== undefined || (kind !== 'other' && written !== 0))) {
    throw archiveBroken(`the package's entry ${quote(header.path ?? '')} is no file and has a body`)
  }
  const linkTarget = overrides?.linkpath ?? header.linkpath ?? ''
  if (!isLink(kind) && kind !== 'other' && linkTarget !== '')
    throw archiveBroken(`the package's entry ${quote(header.path ?? '')} is no link and has a target`)
  const facts = { kind, path: header.path ?? '', mode: header.mode ?? 0, size }
  return {
    size,
    entry: { ...facts, ...(isLink(kind) ? { linkTarget } : {}), ...(kind === 'other' ? { what: WORDS[header.type] } : {}) },
  }
}

/** True for the block of zeros of which two end an archive. */
export function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0)
}

function decode(block: Buffer, overrides: Overrides | undefined): Header {
  const { path, linkpath } = overrides ?? {}
  try {
    const given = { ...(path === undefined ? {} : { path }), ...(linkpath === undefined ? {} : { linkpath }) }
    const header = new Header(block, 0, new Pax(given))
    if (header.cksumValid) return header
  } catch (error) {
    throw archiveBroken(`a header of the archive cannot be read: ${(error as Error).message}`, error)
  }
  throw archiveBroken('a header of the archive does not match its checksum')
}

const KINDS: ReadonlyMap<string, WrittenEntry['kind']> = new Map([
  ['', 'file'],
  ['0', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['5', 'directory'],
])

const WORDS: Readonly<Record<string, string>> = {
  CharacterDevice: 'a character device',
  BlockDevice: 'a block device',
  FIFO: 'a fifo',
  SparseFile: 'a sparse file',
  GNUDumpDir: 'a directory of an incremental backup',
  ContinuationFile: 'the second half of a file',
}

function isLink(kind: WrittenEntry['kind']): boolean {
  return kind === 'symlink' || kind === 'hardlink'
}

/** The name fields as far as they count: what an extended header replaces may be cut in the middle of a character. */
function checkNames(block: Buffer, overrides: Overrides | undefined): void {
  if (overrides?.path === undefined) checkText(block.subarray(0, 100))
  if (overrides?.path === undefined && block.toString('latin1', 257, 263) === 'ustar\0') checkText(block.subarray(345, 500))
  if (overrides?.linkpath === undefined) checkText(block.subarray(157, 257))
}

function checkText(field: Buffer): void {
  let end = field.length
  while (end > 0 && field[end - 1] === 0) end -= 1
  decodeText(field.subarray(0, end))
}

/** The size field: octal digits, or, with its first bit set, a number of base 256; 11 bytes of it hold more than any disk. */
function writtenSize(block: Buffer): number {
  const field = block.subarray(124, 136)
  const octal = /^ *([0-7]+)[ \0]*$/.exec(field.toString('latin1'))?.[1]
  const size = octal === undefined ? wideNumber(field) : Number.parseInt(octal, 8)
  if (!Number.isSafeInteger(size)) throw archiveBroken('an entry of the archive has a size that cannot be')
  return size
}

function wideNumber(field: Buffer): number {
  if (field[0] !== 0x80) return Number.NaN
  return field.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0)
}
