import { RESERVE } from '../../state/reserve.ts'
import { fail, type Found, ok, warn } from './finding.ts'

/** What a file system has left, as statfs(2) tells it. */
export interface Space {
  readonly path: string
  /** Bytes that can be written. */
  readonly bytes: number
  /** Files that can be made; undefined where the file system does not count them. */
  readonly inodes: number | undefined
}

/** Without so much no state can be kept: the metafile, its copy, and a directory for each start. In bytes, and in files. */
const LEAST = { bytes: 2 * 1024 ** 2, inodes: 32 }
/** A package has as many files with ease. */
const FEW_INODES = 2000

/** Judges the disk of the home against what is kept in reserve for state. */
export function judgeHomeSpace(space: Space): Found {
  const { path, bytes, inodes = Number.POSITIVE_INFINITY } = space
  const said = describe(space)
  if (bytes < LEAST.bytes || inodes < LEAST.inodes)
    return fail(`${said}: too little to keep state`, `make room on the disk of ${path}`)
  if (bytes < RESERVE)
    return warn(
      `${said}, and ${inMegabytes(RESERVE)} are kept in reserve: nothing can be installed`,
      `make room on the disk of ${path}`,
    )
  if (inodes < FEW_INODES) return warn(`${said}: too few for most packages`, `make room on the disk of ${path}`)
  return ok(said)
}

/** Judges the disk of the run directory: each start needs a few small files there. */
export function judgeRunSpace(space: Space): Found {
  const { path, bytes, inodes = Number.POSITIVE_INFINITY } = space
  const said = describe(space)
  if (bytes >= LEAST.bytes && inodes >= LEAST.inodes) return ok(said)
  return fail(`${said}: too little to start an agent`, `make room on the disk of ${path}`)
}

function describe({ path, bytes, inodes }: Space): string {
  return `${path} has ${inMegabytes(bytes)}${inodes === undefined ? '' : ` and ${inodes} files`} left`
}

function inMegabytes(bytes: number): string {
  return `${Math.floor(bytes / 1024 ** 2)} MB`
}
