import { constants } from 'node:fs'
import { systemError } from './disk.ts'
import { createHandle, type SimulatedHandle } from './file-handle.ts'
import type { FileNode, Inode } from './inode.ts'
import { mountOf, type Mount, type Operation } from './mounts.ts'
import { type Stats, statsOf } from './stats.ts'

/**
 * `node:fs/promises` over simulated disks: what the product's own files are given in its place (simulated-node.ts). What it does not
 * know it has no export for, so that a new use of the disk is noticed when it is loaded and not by what it does.
 */

/** Where an operation takes place, once it may. */
interface Place {
  readonly mounted: Mount
  readonly inner: string
}

async function enter(operation: Operation, path: string): Promise<Place> {
  const place = mountOf(path)
  await place.mounted.enter(operation, place.inner)
  return place
}

export async function open(path: string, flags: number | string = constants.O_RDONLY, mode = 0o666): Promise<SimulatedHandle> {
  const wanted = typeof flags === 'number' ? flags : flagsOf(flags)
  const makes = (wanted & constants.O_CREAT) !== 0
  const { mounted, inner } = await enter('look', path)
  if (makes && mounted.disk.findIfThere(inner) === undefined) await mounted.enter('make', inner)
  const inode = makes ? openOrMake({ mounted, inner }, wanted, mode) : openThere({ mounted, inner }, wanted)
  if ((wanted & constants.O_TRUNC) !== 0 && inode.kind === 'file') {
    inode.bytes = Buffer.alloc(0)
    mounted.disk.touched()
  }
  return createHandle({ mounted, inner, inode, append: (wanted & constants.O_APPEND) !== 0 })
}

function flagsOf(flags: string): number {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants
  const known: Readonly<Record<string, number>> = {
    r: O_RDONLY,
    'r+': O_RDWR,
    w: O_WRONLY | O_CREAT | O_TRUNC,
    wx: O_WRONLY | O_CREAT | O_TRUNC | O_EXCL,
    a: O_WRONLY | O_CREAT | O_APPEND,
  }
  const found = known[flags]
  if (found === undefined) throw new Error(`the simulated disk does not know the flags ${flags}`)
  return found
}

function openThere({ mounted, inner }: Place, flags: number): Exclude<Inode, { kind: 'link' }> {
  const found = mounted.disk.find(inner)
  if (found.kind === 'link') throw systemError('ELOOP', inner)
  if (found.kind === 'file' && (flags & constants.O_DIRECTORY) !== 0) throw systemError('ENOTDIR', inner)
  return found
}

function openOrMake({ mounted, inner }: Place, flags: number, mode: number): Exclude<Inode, { kind: 'link' }> {
  const { disk } = mounted
  const found = disk.findIfThere(inner)
  if (found !== undefined) {
    if ((flags & constants.O_EXCL) !== 0) throw systemError('EEXIST', inner)
    return openThere({ mounted, inner }, flags)
  }
  const file = disk.newFile(mode)
  file.links = 1
  disk.change([{ ...disk.parentOf(inner), to: file }])
  return file
}

export async function readFile(path: string, encoding?: string): Promise<Buffer | string> {
  const { mounted, inner } = await enter('look', path)
  const found = mounted.disk.find(inner)
  if (found.kind !== 'file') throw systemError('EISDIR', inner, 'read')
  return encoding === undefined ? Buffer.from(found.bytes) : found.bytes.toString('utf8')
}

export async function writeFile(path: string, bytes: string | Uint8Array, options: { mode?: number } = {}): Promise<void> {
  const file = await open(path, 'w', options.mode)
  await file.writeFile(bytes)
  await file.close()
}

export async function unlink(path: string): Promise<void> {
  const { mounted, inner } = await enter('name', path)
  const found = mounted.disk.find(inner)
  if (found.kind === 'directory') throw systemError('EISDIR', inner, 'unlink')
  removeName(mounted, inner, found)
}

function removeName({ disk }: Mount, inner: string, found: Inode): void {
  if (found.kind === 'file') found.links -= 1
  disk.change([{ ...disk.parentOf(inner), to: undefined }])
}

export async function rename(from: string, to: string): Promise<void> {
  const { mounted, inner } = await enter('name', from)
  const target = mountOf(to)
  const { disk } = mounted
  if (target.mounted !== mounted) throw systemError('EXDEV', inner, 'rename')
  const moved = disk.find(inner)
  const there = disk.findIfThere(target.inner)
  if (there === moved) return
  if (there?.kind === 'directory') {
    if (moved.kind !== 'directory') throw systemError('EISDIR', target.inner, 'rename')
    if (there.entries.size > 0) throw systemError('ENOTEMPTY', target.inner, 'rename')
  } else if (there !== undefined && moved.kind === 'directory') throw systemError('ENOTDIR', target.inner, 'rename')
  if (there?.kind === 'file') there.links -= 1
  disk.change([
    { ...disk.parentOf(inner), to: undefined },
    { ...disk.parentOf(target.inner), to: moved },
  ])
}

export async function link(from: string, to: string): Promise<void> {
  const { mounted, inner } = await enter('make', from)
  const { disk } = mounted
  const found = disk.find(inner)
  const target = mountOf(to).inner
  if (found.kind !== 'file') throw systemError('EPERM', inner, 'link')
  if (disk.findIfThere(target) !== undefined) throw systemError('EEXIST', target, 'link')
  found.links += 1
  disk.change([{ ...disk.parentOf(target), to: found }])
}

export async function symlink(target: string, path: string): Promise<void> {
  const { mounted, inner } = await enter('make', path)
  const { disk } = mounted
  if (disk.findIfThere(inner) !== undefined) throw systemError('EEXIST', inner, 'symlink')
  disk.change([{ ...disk.parentOf(inner), to: { kind: 'link', number: disk.nextNumber(), target } }])
}

export async function readlink(path: string): Promise<string> {
  const { mounted, inner } = await enter('look', path)
  const found = mounted.disk.find(inner)
  if (found.kind !== 'link') throw systemError('EINVAL', inner, 'readlink')
  return found.target
}

/** Answers the first directory it made, as Node does, when it is to make parents too. */
export async function mkdir(
  path: string,
  options: number | { recursive?: boolean; mode?: number } = {},
): Promise<string | undefined> {
  const { recursive = false, mode = 0o777 } = typeof options === 'number' ? { mode: options } : options
  const { mounted, inner } = await enter('look', path)
  const names = inner.split('/').filter((name) => name !== '')
  const own = path.slice(0, path.length - inner.length)
  let first: string | undefined
  for (let depth = recursive ? 1 : names.length; depth <= names.length; depth++) {
    const at = `/${names.slice(0, depth).join('/')}`
    const found = mounted.disk.findIfThere(at)
    if (found !== undefined && (!recursive || found.kind !== 'directory')) throw systemError('EEXIST', at, 'mkdir')
    if (found !== undefined) continue
    await mounted.enter('make', at)
    mounted.disk.change([{ ...mounted.disk.parentOf(at), to: mounted.disk.newDirectory(mode) }])
    first ??= `${own}${at}`
  }
  return recursive ? first : undefined
}

export async function mkdtemp(prefix: string): Promise<string> {
  const { disk } = mountOf(prefix).mounted
  const path = `${prefix}${String(disk.nextNumber()).padStart(6, '0')}`
  await mkdir(path, 0o700)
  return path
}

export async function rmdir(path: string): Promise<void> {
  const { mounted, inner } = await enter('name', path)
  const found = mounted.disk.find(inner)
  if (found.kind !== 'directory') throw systemError('ENOTDIR', inner, 'rmdir')
  if (found.entries.size > 0) throw systemError('ENOTEMPTY', inner, 'rmdir')
  removeName(mounted, inner, found)
}

/** Name by name, from the leaves up: whoever is killed in the middle leaves the rest. */
export async function rm(path: string, options: { recursive?: boolean; force?: boolean } = {}): Promise<void> {
  const { mounted, inner } = mountOf(path)
  const found = mounted.disk.findIfThere(inner)
  if (found === undefined) {
    if (options.force === true) return
    throw systemError('ENOENT', inner, 'rm')
  }
  if (found.kind === 'directory') {
    if (options.recursive !== true) throw systemError('EISDIR', inner, 'rm')
    for (const name of [...found.entries.keys()]) await rm(`${path}/${name}`, options)
  }
  await mounted.enter('name', inner)
  const still = mounted.disk.findIfThere(inner)
  if (still !== undefined) removeName(mounted, inner, still)
}

/** One entry of a directory, as far as the product asks. */
interface Entry {
  readonly name: string
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

export async function readdir(path: string): Promise<string[]>
export async function readdir(path: string, options: { withFileTypes: true }): Promise<Entry[]>
export async function readdir(path: string, options?: { withFileTypes: true }): Promise<string[] | Entry[]> {
  const { mounted, inner } = await enter('look', path)
  const found = mounted.disk.find(inner)
  if (found.kind !== 'directory') throw systemError('ENOTDIR', inner, 'scandir')
  const entries = [...found.entries].toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (options?.withFileTypes !== true) return entries.map(([name]) => name)
  return entries.map(([name, inode]) => ({ ...statsOf(inode), name }))
}

/** As much of a Dir as the product uses: its entries one by one, as they were when it was opened. */
export async function opendir(path: string): Promise<AsyncIterable<Entry>> {
  const entries = await readdir(path, { withFileTypes: true })
  return (async function* () {
    yield* entries
  })()
}

export async function lstat(path: string): Promise<Stats> {
  const { mounted, inner } = await enter('look', path)
  return statsOf(mounted.disk.find(inner))
}

/** No path the product asks about leads through a link. */
export function stat(path: string): Promise<Stats> {
  return lstat(path)
}

export async function access(path: string): Promise<void> {
  const { mounted, inner } = await enter('look', path)
  mounted.disk.find(inner)
}

export async function statfs(path: string): Promise<{ bavail: number; bsize: number }> {
  const { mounted } = await enter('look', path)
  return { bavail: Math.floor(mounted.free() / 4096), bsize: 4096 }
}

export async function chmod(path: string, mode: number): Promise<void> {
  const { mounted, inner } = await enter('look', path)
  const found: FileNode | Inode = mounted.disk.find(inner)
  if (found.kind !== 'link') found.mode = mode
}

/** Seconds. */
export async function utimes(path: string, _used: number, modified: number): Promise<void> {
  const { mounted, inner } = await enter('look', path)
  const found = mounted.disk.find(inner)
  if (found.kind === 'file') found.modified = modified * 1000
}

/** Whose a file is plays no part here: one user does everything. */
export async function chown(path: string): Promise<void> {
  const { mounted, inner } = await enter('look', path)
  mounted.disk.find(inner)
}

export function lchown(path: string): Promise<void> {
  return chown(path)
}
