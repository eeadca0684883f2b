import { archiveBroken } from './archive-broken.ts'
import { decodeText } from './extended-header.ts'
import type { WrittenEntry } from './judge-entry.ts'
import { quote } from './quote.ts'
import type { ZipRecord } from './zip-directory.ts'
import { StepError } from '../errors.ts'

/** Methods that are read: as it is, and deflated, which alone tells where it ends. */
const STORED = 0
export const DEFLATED = 8

/** Of the flags: how hard it was deflated (1, 2), lengths after the body (3), a name in UTF-8 (11). The others change what bytes mean. */
const KNOWN_FLAGS = 0b1000_0000_1110
const ENCRYPTED = 0b10_0000_0100_0001
/** Its lengths and its checksum follow the body. */
export const LENGTHS_FOLLOW = 0b1000

/** An entry as the directory describes it; the target of a link, which is its body, comes later. Throws when it is of a kind that is not read. */
export function zipEntryOf(record: ZipRecord): WrittenEntry {
  const path = decodeText(record.name)
  const fault = kindFault(record)
  if (fault !== undefined) throw new StepError('archive-unknown', `the package's entry ${quote(path)} ${fault}`)
  const type = record.mode & 0o170000
  const named = path.endsWith('/')
  const kind = type === 0 ? (named ? 'directory' : 'file') : (KINDS.get(type) ?? 'other')
  if (named !== (kind === 'directory') || ((record.dos & DOS_DIRECTORY) !== 0 && kind !== 'directory')) {
    throw archiveBroken(`the package's entry ${quote(path)} is a directory by its name or its attributes, and not by both`)
  }
  if (kind === 'directory' && record.size > 0)
    throw archiveBroken(`the package's entry ${quote(path)} is a directory and has a body`)
  return { kind, path, mode: record.mode & 0o7777, size: kind === 'file' ? record.size : 0, ...whatOf(type) }
}

function kindFault({ flags, method }: ZipRecord): string | undefined {
  if ((flags & ENCRYPTED) !== 0) return 'is encrypted'
  if ((flags & ~KNOWN_FLAGS) !== 0) return 'is packed in a way that is not read'
  if (method !== STORED && method !== DEFLATED) return `is packed by method ${method}, which is not read`
  return undefined
}

const DOS_DIRECTORY = 0x10

/** Types as the upper attributes give them, when a Unix wrote them. */
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

function whatOf(type: number): { what?: string } {
  const what = WORDS.get(type)
  return what === undefined ? {} : { what }
}
