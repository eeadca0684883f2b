import type { Reason } from '@bootagent/protocol'
import { linkFault, rerootTarget } from './judge-links.ts'
import { innerPath, type NameRules, spellingFault } from './judge-name.ts'
import { createNameTree } from './name-tree.ts'
import { quote } from './quote.ts'
import { inflationFault, type UnpackLimits } from './unpack-limits.ts'

/** One entry as its archive describes it, nothing of it believed yet. */
export interface WrittenEntry {
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'other'
  readonly path: string
  readonly mode: number
  /** Bytes that follow; 0 for everything but a file. */
  readonly size: number
  /** Where a link leads, as written. */
  readonly linkTarget?: string
  /** In words what an `other` is. */
  readonly what?: string
}

/** One entry as it will be made; all paths are relative to the release and stay in it. */
export type KeptEntry =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number; readonly size: number }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'symlink'; readonly path: string; readonly target: string }
  /** A hard link, made as a copy of an earlier file, so that every file has one name. */
  | { readonly kind: 'copy'; readonly path: string; readonly mode: number; readonly size: number; readonly of: string }
  /** The package's root, which is there already. */
  | { readonly kind: 'root' }

export interface Refusal {
  readonly verdict: 'refused'
  readonly reason: Reason
  /** A sentence that names the entry. */
  readonly message: string
}

export type Verdict = { readonly verdict: 'keep'; readonly entry: KeptEntry } | Refusal

/** What an archive is judged against. */
export interface JudgeSettings {
  readonly limits: UnpackLimits
  /** Length of the whole package in bytes, for the ratio. */
  readonly packed: number
  /** True for the payload of a deb or an rpm: see {@link NameRules}. */
  readonly reroot: boolean
}

/** The archive policy as a value that is fed the entries in order. After a refusal it is worth nothing. */
export interface Judge {
  judge(entry: WrittenEntry): Verdict
  /** At the end of the archive: what only the sum of the entries can show. */
  finish(): Refusal | undefined
  /** What was kept so far. */
  readonly sum: { readonly entries: number; readonly bytes: number }
}

export function createJudge(settings: JudgeSettings): Judge {
  const { limits } = settings
  const rules: NameRules = { ...limits, reroot: settings.reroot }
  const tree = createNameTree()
  const links = new Map<string, string>()
  const sum = { entries: 0, bytes: 0 }
  let nameBytes = 0

  function judge(entry: WrittenEntry): Verdict {
    sum.entries += 1
    nameBytes += entry.path.length + (entry.linkTarget?.length ?? 0)
    const flood = floodFault()
    if (flood !== undefined) return tooLarge(flood)
    const name = innerPath(entry.path, rules)
    if ('refused' in name) return unsafe(entry, name.refused)
    if (name.path === '') return entry.kind === 'directory' ? keep({ kind: 'root' }) : unsafe(entry, 'has no name')
    return judgeByKind[entry.kind](entry, name.path)
  }

  /** A path of a hundred directories is a hundred directories, also when nothing but the path says so. */
  function floodFault(): string | undefined {
    const { maxEntries, maxNameBytes } = limits
    if (sum.entries + tree.implied.count > maxEntries)
      return `the package has more than ${maxEntries} entries, counting the directories they lie in`
    if (nameBytes + tree.implied.length > maxNameBytes)
      return `the names in the package are longer than ${maxNameBytes} bytes together`
    return undefined
  }

  const judgeByKind: Readonly<Record<WrittenEntry['kind'], (entry: WrittenEntry, path: string) => Verdict>> = {
    file: (entry, path) => {
      const kept = { kind: 'file', path, mode: plainMode(entry.mode), size: entry.size } as const
      return claim(entry, kept) ?? weigh(entry.size) ?? keep(kept)
    },
    directory: (entry, path) => claim(entry, { kind: 'directory', path }) ?? keep({ kind: 'directory', path }),
    symlink: (entry, path) => {
      const written = entry.linkTarget ?? ''
      const fault = written === '' ? 'leads nowhere' : targetFault(written)
      if (fault !== undefined) return unsafe(entry, fault)
      const target = written.startsWith('/') ? rerootTarget(path, written) : written
      links.set(path, target)
      return claim(entry, { kind: 'symlink', path }) ?? keep({ kind: 'symlink', path, target })
    },
    hardlink: (entry, path) => {
      const name = innerPath(entry.linkTarget ?? '', rules)
      const original = 'path' in name ? tree.find(name.path) : undefined
      if (original?.kind !== 'file')
        return unsafe(entry, 'is a hard link to something that is not an earlier file of the package')
      const { size, mode } = original
      const kept = { kind: 'copy', path, mode, size, of: original.path } as const
      return claim(entry, { ...kept, kind: 'file' }) ?? weigh(size) ?? keep(kept)
    },
    other: (entry) => unsafe(entry, `is ${entry.what ?? 'of an unknown type'}`),
  }

  function targetFault(target: string): string | undefined {
    if (target.startsWith('/') && !rules.reroot) return 'is a symbolic link to an absolute path'
    if (Buffer.byteLength(target) > limits.maxPathBytes) return `is a link to a path longer than ${limits.maxPathBytes} bytes`
    return spellingFault(target)?.replace('its name', "its link's target")
  }

  function claim(entry: WrittenEntry, as: Claim): Refusal | undefined {
    const fault = tree.claim({ size: 0, mode: 0o755, ...as })
    return fault === undefined ? undefined : unsafe(entry, fault)
  }

  function weigh(size: number): Refusal | undefined {
    sum.bytes += size
    const fault = inflationFault(sum.bytes, settings.packed, limits)
    return fault === undefined ? undefined : tooLarge(`the package ${fault}`)
  }

  function finish(): Refusal | undefined {
    const flood = floodFault()
    if (flood !== undefined) return tooLarge(flood)
    // Only now: a link may lead through another that came later.
    for (const path of links.keys()) {
      const fault = linkFault(path, links)
      if (fault !== undefined) return unsafe({ path }, `is a symbolic link that ${fault}`)
    }
    return undefined
  }

  return { judge, finish, sum }
}

type Claim = { kind: 'file' | 'directory' | 'symlink'; path: string; size?: number; mode?: number }

/** No setuid, setgid or sticky bit and no writing for others: a program, or a file. */
function plainMode(mode: number): number {
  return (mode & 0o111) === 0 ? 0o644 : 0o755
}

function keep(entry: KeptEntry): Verdict {
  return { verdict: 'keep', entry }
}

function unsafe(entry: { path: string }, fault: string): Refusal {
  return { verdict: 'refused', reason: 'archive-unsafe', message: `the package's entry ${quote(entry.path)} ${fault}` }
}

function tooLarge(message: string): Refusal {
  return { verdict: 'refused', reason: 'archive-too-large', message }
}
