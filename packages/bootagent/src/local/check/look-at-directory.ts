import { accessSync, constants, lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { SeenDirectory } from './judge-directory.ts'
import { mountPointOf } from './mount-point.ts'

/** Looks at a directory, or at the nearest one above that is there, without changing either. */
export function lookAtDirectory(path: string): SeenDirectory {
  const [nearest, stat] = findNearest(path)
  const refused = stat.isDirectory() ? refusedBy(nearest) : undefined
  const names = nearest === path && refused === undefined && stat.isDirectory() ? readdirSync(path) : []
  return { path, nearest, isDirectory: stat.isDirectory(), refused, owner: stat.uid, mode: stat.mode, names }
}

/** Where the file system begins that a path is in, or would be. */
export function findMountPoint(path: string): string {
  const [nearest, stat] = findNearest(path)
  return mountPointOf(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    realpathSync(stat.isSymbolicLink() ? dirname(nearest) : nearest),
  )
}

/** The path itself, or the nearest above it that is there. */
export function findNearest(path: string): [string, Stats] {
  for (let nearest = path; ; nearest = dirname(nearest)) {
    // A link that leads nowhere, as to a disk that is not mounted, is in the way of whatever is to be made there.
    const stat = orMissing(() => statSync(nearest)) ?? orMissing(() => lstatSync(nearest))
    if (stat !== undefined) return [nearest, stat]
  }
}

function orMissing(look: () => Stats): Stats | undefined {
  try {
    return look()
  } catch (error) {
    // What lies below a file is refused with the file's own name.
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

function refusedBy(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    if (!(error instanceof Error && 'syscall' in error)) throw error
    return error.message.split(',')[0] ?? ''
  }
}
