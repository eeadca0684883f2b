import { systemError } from './disk.ts'
import type { DirectoryNode, FileNode } from './inode.ts'
import { type Mount, type Operation } from './mounts.ts'
import { type Stats, statsOf } from './stats.ts'

/** An open file or directory: as much of Node's FileHandle as the product uses. */
export interface SimulatedHandle {
  readonly fd: number
  stat(): Promise<Stats>
  read(buffer: Uint8Array, offset?: number, length?: number, position?: number | null): Promise<{ bytesRead: number }>
  readFile(): Promise<Buffer>
  write(bytes: Uint8Array, offset?: number, length?: number): Promise<{ bytesWritten: number }>
  writeFile(bytes: string | Uint8Array): Promise<void>
  truncate(length?: number): Promise<void>
  sync(): Promise<void>
  datasync(): Promise<void>
  chmod(mode: number): Promise<void>
  chown(uid: number, gid: number): Promise<void>
  close(): Promise<void>
}

/** How it was opened. */
export interface Opened {
  readonly mounted: Mount
  readonly inner: string
  readonly inode: FileNode | DirectoryNode
  readonly append: boolean
}

const open = new Map<number, Opened>()
let next = 100

/** The file behind a descriptor, for a worker that was handed it. */
export function openedBy(fd: number): Opened | undefined {
  return open.get(fd)
}

export function createHandle(opened: Opened): SimulatedHandle {
  const { mounted, inner, inode } = opened
  const fd = next++
  open.set(fd, opened)
  let at = opened.append && inode.kind === 'file' ? inode.bytes.length : 0

  async function enter(operation: Operation): Promise<void> {
    await mounted.enter(operation, inner)
    if (!open.has(fd)) throw systemError('EBADF', inner)
  }

  function file(): FileNode {
    if (inode.kind !== 'file') throw systemError('EISDIR', inner)
    return inode
  }

  function put(piece: Uint8Array): void {
    const { bytes } = file()
    const end = at + piece.length
    const grown = Buffer.alloc(Math.max(bytes.length, end))
    bytes.copy(grown)
    grown.set(piece, at)
    file().bytes = grown
    at = end
    mounted.disk.touched()
  }

  async function write(bytes: Uint8Array, offset = 0, length = bytes.length - offset): Promise<{ bytesWritten: number }> {
    await enter('write')
    // A disk that has little room left takes the first bytes, and says so only by their number.
    const taken = Math.min(length, mounted.free())
    if (taken === 0 && length > 0) throw systemError('ENOSPC', inner, 'write')
    put(bytes.subarray(offset, offset + taken))
    return { bytesWritten: taken }
  }

  async function sync(): Promise<void> {
    try {
      await enter('sync')
    } catch (error) {
      // The kernel forgets that these pages were ever to be written.
      if (inode.kind === 'file') inode.cursed = true
      throw error
    }
    if (inode.kind === 'file') mounted.disk.syncFile(inode)
    else mounted.disk.syncDirectory(inode)
  }

  return {
    fd,
    async stat() {
      await enter('look')
      return statsOf(inode)
    },
    async read(buffer, offset = 0, length = buffer.length - offset, position = null) {
      await enter('look')
      const from = position ?? at
      const piece = file().bytes.subarray(from, from + length)
      buffer.set(piece, offset)
      if (position === null) at += piece.length
      return { bytesRead: piece.length }
    },
    async readFile() {
      await enter('look')
      return Buffer.from(file().bytes)
    },
    write,
    async writeFile(bytes) {
      const whole = typeof bytes === 'string' ? Buffer.from(bytes) : bytes
      for (let done = 0; done < whole.length; ) done += (await write(whole, done)).bytesWritten
    },
    async truncate(length = 0) {
      await enter('write')
      file().bytes = Buffer.from(file().bytes.subarray(0, length))
      at = Math.min(at, length)
      mounted.disk.touched()
    },
    sync,
    datasync: sync,
    async chmod(mode) {
      await enter('look')
      inode.mode = mode
    },
    chown: () => enter('look'),
    async close() {
      // Not an operation that can fail or be the last: a killed program's files are closed all the same.
      open.delete(fd)
    },
  }
}
