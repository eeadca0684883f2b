import { likenessOf } from './judge-name.ts'
import { quote } from './quote.ts'

/** What an archive has said of a path so far. An `implied` directory is one that only its contents have named. */
export interface Known {
  readonly path: string
  readonly kind: 'file' | 'directory' | 'symlink' | 'implied'
  /** Bytes, of a file. */
  readonly size: number
  readonly mode: number
}

/** Every path of one archive, so that none is taken twice or in two ways. */
export interface NameTree {
  /** Takes a path; the answer says why it cannot be had, and undefined that it is taken. */
  claim(known: Known): string | undefined
  find(path: string): Known | undefined
  /** Directories that no entry is: their number, and the length of their paths together. Each costs as much as an entry does. */
  readonly implied: { readonly count: number; readonly length: number }
}

export function createNameTree(): NameTree {
  const known = new Map<string, Known>()
  const implied = { count: 0, length: 0 }

  function placeFault(path: string): string | undefined {
    for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
      const found = known.get(likenessOf(parent))
      if (found !== undefined && found.path !== parent) return clash(found.path)
      if (found?.kind === 'file') return `lies under a file, ${quote(parent)}`
      if (found?.kind === 'symlink') return `lies under a symbolic link, ${quote(parent)}`
      // Whoever took this directory has looked at all above it.
      if (found !== undefined) return undefined
    }
    return undefined
  }

  function implyParents(path: string): void {
    for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
      if (known.has(likenessOf(parent))) return
      known.set(likenessOf(parent), { path: parent, kind: 'implied', size: 0, mode: 0o755 })
      implied.count += 1
      implied.length += parent.length
    }
  }

  return {
    implied,
    claim(wanted) {
      const fault = placeFault(wanted.path) ?? meetingFault(known.get(likenessOf(wanted.path)), wanted)
      if (fault !== undefined) return fault
      known.set(likenessOf(wanted.path), wanted)
      implyParents(wanted.path)
      return undefined
    },
    find(path) {
      const found = known.get(likenessOf(path))
      return found?.path === path ? found : undefined
    },
  }
}

/** Why a path may not be taken, given what is known by the same likeness. */
function meetingFault(found: Known | undefined, wanted: Known): string | undefined {
  if (found === undefined) return undefined
  if (found.path !== wanted.path) return clash(found.path)
  if (found.kind !== 'implied') return 'comes a second time'
  return wanted.kind === 'directory' ? undefined : 'has been used as a directory before'
}

function clash(other: string): string {
  return `differs from ${quote(other)} only in case, in how its characters are composed, or in some that are not shown`
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
