import { rm, rmdir } from 'node:fs/promises'
import { diskError, namesIfThere } from '@bootagent/runtime'
import { fileSetId } from '../state/file-sets.ts'
import type { AgentRecord, Metafile } from '../state/metafile-schema.ts'
import { type AgentPaths, agentPaths, type Paths } from '../state/paths.ts'
import { type CacheBounds, chooseEvictions } from './choose-evictions.ts'
import { awaitedDigests, neededDigests } from './needed-digests.ts'
import { dropPackage, isDigest, keptPackages } from './package-store.ts'

/** What besides records says what stays. */
export interface Sweeping {
  readonly running: ReadonlyMap<string, string>
  readonly keep: CacheBounds
}

/**
 * Deletes what no record names and no process uses: trees nobody can go back to, files of no release, packages on their way that no
 * job waits for, of the other packages that nobody needs what is more than `keep`, and work that could not be deleted when it was
 * done. `running` is the release each agent's process was started from. Never while a job is at work.
 */
export async function sweep(paths: Paths, metafile: Metafile, { running, keep }: Sweeping): Promise<void> {
  try {
    for (const name of (await namesIfThere(paths.agents)) ?? []) {
      await sweepAgent(agentPaths(paths, name), metafile.agents[name], running.get(name))
    }
    await sweepPackages(paths, metafile, keep)
    // Hidden are the copies that files are written by, and those are written at any time.
    await removeOthers(paths.tmp, (work) => work.startsWith('.'))
  } catch (error) {
    throw diskError('sweeping', error)
  }
}

async function sweepPackages(paths: Paths, metafile: Metafile, keep: CacheBounds): Promise<void> {
  const awaited = awaitedDigests(metafile)
  await removeOthers(paths.packages, (name) => isDigest(name) || awaited.has(name.replace(/\.(part|source)$/, '')))
  const evicted = chooseEvictions(await keptPackages(paths), neededDigests(metafile), keep)
  for (const digest of evicted) await dropPackage(paths, digest)
}

/** Of an agent that is not, only what may be its user's stays: data and logs, when there are any. */
async function sweepAgent(own: AgentPaths, agent: AgentRecord | undefined, running: string | undefined): Promise<void> {
  const releases = Object.entries(agent?.releases ?? {})
  const trees = new Set(releases.map(([id, { tree }]) => tree ?? id))
  const sets = new Set(releases.flatMap(([, { files }]) => (files === undefined ? [] : [fileSetId(files)])))
  await removeOthers(own.releases, (tree) => trees.has(tree) || running === tree || running?.startsWith(`${tree}.`) === true)
  await removeOthers(own.files, (set) => sets.has(set))
  if (agent !== undefined) return
  for (const link of [own.current, own.previous, own.config]) await rm(link, { force: true })
  for (const directory of [own.releases, own.files, own.data, own.log, own.root]) await removeIfEmpty(directory)
}

async function removeIfEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory)
  } catch (error) {
    if (!['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}

/** Empties the place where work in progress lies: at start there is none. */
export async function sweepTemporary(paths: Paths): Promise<void> {
  try {
    await removeOthers(paths.tmp, () => false)
  } catch (error) {
    throw diskError(`emptying ${paths.tmp}`, error)
  }
}

async function removeOthers(directory: string, keep: (name: string) => boolean): Promise<void> {
  for (const name of (await namesIfThere(directory)) ?? []) {
    if (!keep(name)) await rm(`${directory}/${name}`, { recursive: true, force: true })
  }
}
