import { describeShared, judgeOpenness, UNSHARE } from '../judge-openness.ts'
import { fail, type Found, ok, warn } from './finding.ts'

/** What was seen of a directory. */
export interface SeenDirectory {
  readonly path: string
  /** Itself when it is there, else the nearest above it: there it will be made. */
  readonly nearest: string
  readonly isDirectory: boolean
  /** Why it cannot be read, written and entered: `EACCES: permission denied`. */
  readonly refused: string | undefined
  readonly owner: number
  readonly mode: number
  /** Of what is in it. */
  readonly names: readonly string[]
}

/** Judges a directory that is to be ours; `uid` is whose rights BootAgent would have. */
export function judgeDirectory(seen: SeenDirectory, uid: number): Found {
  const { path, nearest, isDirectory, refused, owner, mode, names } = seen
  if (!isDirectory) return fail(`${nearest} is no directory`, 'remove it, or name another directory with --home and --run')
  if (refused !== undefined)
    return fail(`${nearest} cannot be used (${refused})`, 'run as root, or name writable ones with --home and --run')
  if (nearest !== path) return ok(`${path} will be made in ${nearest}`)
  const openness = judgeOpenness(mode, names)
  if (openness.kind === 'shared') return fail(describeShared(path, openness.foreign), UNSHARE)
  const said = `${path} is writable`
  if (owner !== uid)
    return warn(`${said}, and belongs to user ${owner}, who can change what BootAgent does`, `chown ${uid} ${path}`)
  return openness.kind === 'open' ? ok(`${said}, and will be closed to others`) : ok(`${said}, and closed to others`)
}

/** Judges a directory that BootAgent makes for itself inside the home. */
export function judgeInner({ path, nearest, isDirectory, refused }: SeenDirectory): Found {
  if (!isDirectory) return fail(`${nearest} is no directory`, 'remove it: BootAgent makes its own')
  if (refused !== undefined && nearest === path)
    return fail(`${path} cannot be used (${refused})`, `give it back to the owner of the home`)
  return ok(path)
}
