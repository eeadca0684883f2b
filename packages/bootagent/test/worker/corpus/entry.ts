import { deb } from './ar-members.ts'
import { type CpioPart, rpm } from './cpio-rpm.ts'
import { long, part, tar } from './tar-blocks.ts'
import { zip, type ZipPart } from './zip-records.ts'

/** The types of file, each with its bits in `st_mode`, its letter in a tar, and its rights when nothing is said of them. */
const TYPES = {
  file: { bits: 0o100000, tar: '0', rights: 0o644 },
  directory: { bits: 0o40000, tar: '5', rights: 0o755 },
  symlink: { bits: 0o120000, tar: '2', rights: 0o777 },
  hardlink: { bits: 0o100000, tar: '1', rights: 0o644 },
  'character device': { bits: 0o20000, tar: '3', rights: 0o600 },
  'block device': { bits: 0o60000, tar: '4', rights: 0o600 },
  fifo: { bits: 0o10000, tar: '6', rights: 0o600 },
  socket: { bits: 0o140000, tar: undefined, rights: 0o600 },
} as const

/** One entry in words that every form of archive has, as far as it can say such a thing at all. */
export interface Entry {
  readonly type: keyof typeof TYPES
  readonly name: string | Buffer
  readonly body?: string | Buffer
  /** Where a link leads. */
  readonly target?: string | Buffer
  /** Without the bits of the type. */
  readonly rights?: number
  readonly uid?: number
  readonly gid?: number
}

export const aFile = (name: string | Buffer, body: string | Buffer = 'x'): Entry => ({ type: 'file', name, body })
export const aDirectory = (name: string | Buffer): Entry => ({ type: 'directory', name })
export const aLink = (name: string | Buffer, target: string | Buffer): Entry => ({ type: 'symlink', name, target })
export const aHardLink = (name: string, target: string | Buffer): Entry => ({ type: 'hardlink', name, target })

/** The forms in which every attack is made that they can express; the other kinds of tar are read by the same code. */
export const FORMS = ['tar', 'tar.gz', 'zip', 'deb', 'rpm'] as const
export type Form = (typeof FORMS)[number]

/** Whether a form of archive can say all of these entries. */
export function canExpress(form: Form, entries: readonly Entry[]): boolean {
  // A zip knows no second names; in a cpio they have no target, only the number of a file; a tar knows no sockets.
  const missing = form === 'zip' || form === 'rpm' ? 'hardlink' : 'socket'
  return entries.every(({ type }) => type !== missing)
}

/** The tar of these entries, for the forms that hold a tar. */
export function tarOf(entries: readonly Entry[]): Buffer {
  return tar(...entries.map(tarPart))
}

export function zipOf(entries: readonly Entry[]): Buffer {
  return zip(entries.map(zipPart))
}

export function debOf(entries: readonly Entry[]): Buffer {
  return deb(...entries.map(tarPart))
}

export function rpmOf(entries: readonly Entry[]): Buffer {
  return rpm(cpioOf(entries))
}

export function cpioOf(entries: readonly Entry[]): readonly CpioPart[] {
  return entries.map(cpioEntry)
}

/** A name that does not fit its field comes before it, as GNU tar writes it. */
function tarPart({ type, name, body, target, rights, uid, gid }: Entry): Buffer {
  const letter = TYPES[type].tar
  if (letter === undefined) throw new Error(`a tar has no ${type}`)
  const written = Buffer.from(type === 'directory' ? endedBySlash(name) : name)
  const link = Buffer.from(target ?? '')
  const header = part({
    name: written.subarray(0, 100),
    type: letter,
    link: link.subarray(0, 100),
    mode: rights ?? TYPES[type].rights,
    body: body ?? '',
    uid: uid ?? 0,
    gid: gid ?? 0,
  })
  return Buffer.concat([
    link.length > 100 ? long(link, 'K') : Buffer.alloc(0),
    written.length > 100 ? long(written) : Buffer.alloc(0),
    header,
  ])
}

function zipPart({ type, name, body, target, rights }: Entry): ZipPart {
  return {
    name: type === 'directory' ? endedBySlash(name) : name,
    body: target ?? body ?? '',
    mode: TYPES[type].bits | (rights ?? TYPES[type].rights),
  }
}

function cpioEntry({ type, name, body, target, rights, uid, gid }: Entry, index: number): CpioPart {
  return {
    name,
    body: target ?? body ?? '',
    mode: TYPES[type].bits | (rights ?? TYPES[type].rights),
    inode: index + 1,
    links: type === 'directory' ? 2 : 1,
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  }
}

function endedBySlash(name: string | Buffer): Buffer {
  const bytes = Buffer.from(name)
  return bytes.at(-1) === 0x2f ? bytes : Buffer.concat([bytes, Buffer.from('/')])
}
