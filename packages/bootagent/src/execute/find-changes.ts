import { createHash } from 'node:crypto'
import type { Stats } from 'node:fs'
import { lstat, opendir } from 'node:fs/promises'
import { readIfThere, RuntimeError } from '@bootagent/runtime'
import { fileSetId, type FileSet } from '../state/file-sets.ts'
import type { Changes, Written } from '../state/metafile-schema.ts'
import type { AgentPaths } from '../state/paths.ts'
import { type Releases, treeOf } from '../state/releases.ts'
import { quote } from '../worker/quote.ts'
import { isChanged } from './judge-change.ts'

/** So much is looked at, and then no more: a second or two, whatever somebody has put there. Deleting it all takes longer. */
const MOST_LOOKED_AT = 20_000

/** So many are named: a result's message has 500 characters. */
const MOST_NAMED = 5

/**
 * Looks for files of an agent's releases that were changed or added since they were put there: in unpacked packages by when they were
 * written, in sets of configuration files by their bytes. Never in the way of what follows: what cannot be looked at is left out, and
 * said to be. A file that is missing is none that would be lost, and is not told of.
 */
export async function findChanges(
  own: AgentPaths,
  releases: Releases,
  signal: AbortSignal,
  most = MOST_LOOKED_AT,
): Promise<Changes> {
  const look: Look = { own, signal, left: most, count: 0, some: [], partly: false }
  for (const [tree, spans] of treesOf(releases)) {
    // Unpacked by a BootAgent that did not note it.
    if (spans.length === 0) look.partly = true
    else await lookThrough(look, `${own.releases}/${tree}`, async (_, { mtimeMs }) => isChanged(mtimeMs, spans))
  }
  for (const [set, files] of fileSetsOf(releases)) {
    const directory = `${own.files}/${set}`
    await lookThrough(look, directory, (path, stats) => hasOtherBytes(path, stats, files[path.slice(directory.length + 1)]))
  }
  const { count, some, partly } = look
  return { count, some, partly }
}

/** One search as far as it has come. */
interface Look {
  readonly own: AgentPaths
  readonly signal: AbortSignal
  left: number
  count: number
  readonly some: string[]
  partly: boolean
}

/** By tree, what its releases have on record of it. */
function treesOf(releases: Releases): ReadonlyMap<string, readonly Written[]> {
  const trees = new Map<string, Written[]>()
  for (const [id, { written }] of Object.entries(releases)) {
    const tree = treeOf(releases, id) ?? id
    trees.set(tree, [...(trees.get(tree) ?? []), ...(written === undefined ? [] : [written])])
  }
  return trees
}

function fileSetsOf(releases: Releases): ReadonlyMap<string, FileSet> {
  return new Map(Object.values(releases).flatMap(({ files }) => (files === undefined ? [] : [[fileSetId(files), files]])))
}

type Judge = (path: string, stats: Stats) => Promise<boolean>

async function lookThrough(look: Look, directory: string, judge: Judge): Promise<void> {
  for await (const name of namesIn(look, directory)) {
    look.signal.throwIfAborted()
    if (look.left === 0) {
      look.partly = true
      return
    }
    look.left -= 1
    await lookAt(look, `${directory}/${name}`, judge)
  }
}

async function lookAt(look: Look, path: string, judge: Judge): Promise<void> {
  const stats = await unlessUnseen(look, lstat(path))
  if (stats === undefined) return
  if (stats.isDirectory()) return lookThrough(look, path, judge)
  if ((await unlessUnseen(look, judge(path, stats))) !== true) return
  look.count += 1
  if (look.some.length < MOST_NAMED) look.some.push(quote(path.slice(look.own.root.length + 1)))
}

/** One by one, since nobody knows how many there are. A directory that is not there holds none. */
async function* namesIn(look: Look, directory: string): AsyncGenerator<string> {
  try {
    for await (const { name } of await opendir(directory)) yield name
  } catch (error) {
    if (!isOfTheDisk(error)) throw error
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') look.partly = true
  }
}

async function unlessUnseen<Found>(look: Look, found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found
  } catch (error) {
    if (!isOfTheDisk(error)) throw error
    look.partly = true
    return undefined
  }
}

/** Whatever a disk may say: none of it is a reason not to delete. */
function isOfTheDisk(error: unknown): boolean {
  return error instanceof RuntimeError || (error instanceof Error && 'syscall' in error)
}

/** A job's files have no more bytes than this together. */
const MOST_BYTES = 65_536

async function hasOtherBytes(path: string, stats: Stats, digest: string | undefined): Promise<boolean> {
  if (digest === undefined || !stats.isFile() || stats.size > MOST_BYTES) return true
  const bytes = await readIfThere(path)
  return bytes === undefined || createHash('sha256').update(bytes).digest('hex') !== digest
}
