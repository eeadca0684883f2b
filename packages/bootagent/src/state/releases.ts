import type { AgentRecord, ReleaseRecord } from './metafile-schema.ts'

/**
 * An agent's releases, by id. A release is a package, unpacked, *and* how it is run: other settings of the same package are another
 * release, which shares the tree of the first (ADR 0026). So there is one way forward and one way back, whatever changes.
 *
 *     1.0.0-4a34b8d7      tree 1.0.0-4a34b8d7, as it came first
 *     1.0.0-4a34b8d7.2    the same tree, with other settings
 */
export type Releases = AgentRecord['releases']

/** What of a release can be changed by a job. */
export type Settings = Pick<ReleaseRecord, 'run' | 'envs' | 'limits' | 'restart' | 'health' | 'files'>

/** The directory below `releases/` that a release was unpacked into; undefined for one that is not on record. */
export function treeOf(releases: Releases, id: string): string | undefined {
  const release = releases[id]
  return release === undefined ? undefined : (release.tree ?? id)
}

/** The id of the release that is this tree run by just these settings; undefined when there is none. */
export function findRelease(releases: Releases, tree: string, settings: Settings): string | undefined {
  return Object.keys(releases).find((id) => treeOf(releases, id) === tree && differences(releases[id], settings).length === 0)
}

/** An id that no release has: the tree's own name for the first of it, `.2`, `.3` … for those that follow. */
export function freeId(releases: Releases, tree: string): string {
  if (releases[tree] === undefined) return tree
  const numbers = Object.keys(releases).map((id) => (id.startsWith(`${tree}.`) ? Number(id.slice(tree.length + 1)) : 1))
  return `${tree}.${Math.max(...numbers) + 1}`
}

/** The settings in which two releases differ. */
export function differences(a: Settings | undefined, b: Settings | undefined): (keyof Settings)[] {
  return SETTINGS.filter((field) => canonical(a?.[field]) !== canonical(b?.[field]))
}

/** True when what runs by the one need not be started again to run by the other: only limits differ, which change while it runs. */
export function alike(releases: Releases, a: string, b: string): boolean {
  if (releases[a] === undefined || releases[b] === undefined || treeOf(releases, a) !== treeOf(releases, b)) return a === b
  return differences(releases[a], releases[b]).every((field) => field === 'limits')
}

/** Releases that an agent keeps, besides others of the same trees: what runs, what can be gone back to, and one for looking at. */
const KEPT_TREES = 3

/** The releases to keep, oldest first: the current one, the one before, and the latest others, while there are no more than three trees. */
export function keptReleases({ release, previous, releases }: AgentRecord): Releases {
  const newestFirst = [release, previous, ...Object.keys(releases).toReversed()]
  const kept = new Set<string>()
  const trees = new Set<string>()
  for (const id of newestFirst) {
    const tree = id === null ? undefined : treeOf(releases, id)
    if (id === null || tree === undefined) continue
    const needed = id === release || id === previous
    // Of a tree that is kept already the older settings are worth nothing: whoever wants them sends them.
    if (needed || (!trees.has(tree) && trees.size < KEPT_TREES)) kept.add(id)
    if (kept.has(id)) trees.add(tree)
  }
  return Object.fromEntries(Object.entries(releases).filter(([id]) => kept.has(id)))
}

/** The same value as the same text, whatever the order its fields were written in; of what is not there, nothing. */
export function canonical(value: unknown): string {
  return JSON.stringify(sorted(value)) ?? ''
}

const SETTINGS: readonly (keyof Settings)[] = ['run', 'envs', 'limits', 'restart', 'health', 'files']

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).filter(([, each]) => each !== undefined)
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, each]) => [key, sorted(each)]))
}
