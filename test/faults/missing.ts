import { accessSync, constants, existsSync } from 'node:fs'
import process from 'node:process'
import type { Cell } from './cell.ts'

/** What each kind of fault needs of a machine: programs, and files of the kernel. */
const NEEDS: Readonly<Record<Cell['needs'], { readonly programs: readonly string[]; readonly files: readonly string[] }>> = {
  nothing: { programs: [], files: [] },
  tracing: { programs: ['strace'], files: [] },
  descriptors: { programs: ['prlimit'], files: [] },
  disks: { programs: ['unshare', 'mount', 'mkfs.ext4', 'mkfs.xfs', 'xfs_io', 'e2fsck', 'chattr'], files: ['/dev/loop-control'] },
  // Of all quotas those of btrfs hold root too, and are in every kernel that has btrfs.
  quotas: { programs: ['unshare', 'mount', 'mkfs.btrfs', 'btrfs'], files: ['/dev/loop-control', '/sys/fs/btrfs/features'] },
  'a disk of ours': { programs: ['unshare', 'mount', 'mkfs.ext4'], files: ['/dev/loop-control', '/dev/fuse'] },
}

/** Why this machine cannot try a kind of fault, in words; undefined where it can. */
export function whatIsMissing(needs: Cell['needs']): string | undefined {
  if (process.geteuid?.() !== 0) return 'it takes root'
  const { programs, files } = NEEDS[needs]
  const missing = [...programs.filter((program) => !isOnPath(program)), ...files.filter((file) => !existsSync(file))]
  return missing.length === 0 ? undefined : `this machine has no ${missing.join(', no ')}`
}

function isOnPath(program: string): boolean {
  const directories = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return directories.some((directory) => isExecutable(`${directory}/${program}`))
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false
  accessSync(path, constants.X_OK)
  return true
}
