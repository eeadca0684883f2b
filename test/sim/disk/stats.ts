import type { Inode } from './inode.ts'

/** As much of Node's Stats as the product uses. */
export interface Stats {
  readonly dev: number
  readonly ino: number
  readonly mode: number
  readonly nlink: number
  readonly size: number
  readonly uid: number
  readonly gid: number
  readonly mtimeMs: number
  isFile(): boolean
  isDirectory(): boolean
  isSymbolicLink(): boolean
}

export function statsOf(inode: Inode): Stats {
  return {
    dev: 1,
    ino: inode.number,
    mode: inode.kind === 'link' ? 0o777 : inode.mode,
    nlink: inode.kind === 'file' ? inode.links : 1,
    size: inode.kind === 'file' ? inode.bytes.length : 0,
    uid: 0,
    gid: 0,
    mtimeMs: inode.kind === 'file' ? inode.modified : 0,
    isFile: () => inode.kind === 'file',
    isDirectory: () => inode.kind === 'directory',
    isSymbolicLink: () => inode.kind === 'link',
  }
}
