import { rm, rmdir } from 'node:fs/promises'
import { diskError, namesIfThere } from '@bootagent/runtime'
import { fileSetId } from '../state/file-sets.ts'
import type { AgentRecord, Metafile } from '../state/metafile-schema.ts'
import { type AgentPaths, agentPaths, type Paths } from '../state/paths.ts'

/**
 * Deletes what no record names and no process uses: trees nobody can go back to, files of no release, and packages of which no
 * release was made. `running` is the release each agent's process was started from. Never while a job is at work.
 */
export async function sweep(paths: Paths, metafile: Metafile, running: ReadonlyMap<string, string>): Promise<void> {
  try {
    for (const name of (await namesIfThere(paths.agents)) ?? []) {
      await sweepAgent(agentPaths(paths, name), metafile.agents[name], running.get(name))
    }
    const wanted = new Set([...keptDigests(metafile), ...openDigests(metafile)])
    await removeOthers(paths.packages, (digest) => wanted.has(digest))
  } catch (error) {
    throw diskError('sweeping', error)
  }
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

function keptDigests(metafile: Metafile): string[] {
  return Object.values(metafile.agents).flatMap((agent) => Object.values(agent.releases).map((release) => release.digest))
}

/** A package that a job still waits for is not downloaded twice. */
function openDigests(metafile: Metafile): string[] {
  return Object.values(metafile.jobs).flatMap(({ job, state }) => {
    const checksum = (job as { checksum?: unknown } | null)?.checksum
    return state !== 'done' && typeof checksum === 'string' ? [checksum.replace(/^sha256:/i, '').toLowerCase()] : []
  })
}
