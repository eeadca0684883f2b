import { rename, rm } from 'node:fs/promises'
import { crashPoint, diskError, syncDirectory } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { agentPaths } from '../../state/paths.ts'
import type { Work } from '../tools.ts'

/**
 * Forgets the agent and deletes what it left. The record goes last: as long as it is there, the host knows that something is
 * left to delete, and after a crash the job is planned again.
 */
export async function remove({ name, purge }: StepPayloads['remove'], { paths, metafile }: Work): Promise<void> {
  const own = agentPaths(paths, name)
  try {
    for (const path of [own.current, own.previous, own.config, own.releases, own.files])
      await rm(path, { recursive: true, force: true })
    crashPoint('remove:releases-gone')
    if (purge) await removeWhole(own.root, `${paths.tmp}/removed-${name}`)
    await rm(own.attempts, { recursive: true, force: true })
    await syncDirectory(paths.agents)
  } catch (error) {
    throw diskError(`removing ${own.root}`, error)
  }
  crashPoint('remove:files-gone')
  await metafile.update((current) => {
    const { [name]: _removed, ...agents } = current.agents
    // Whoever installs it again begins anew.
    const { [name]: _forgiven, ...failed } = current.failed
    return { ...current, agents, failed }
  })
}

/** Moved out of sight first, so that a half deleted directory is never taken for an agent's. */
async function removeWhole(directory: string, aside: string): Promise<void> {
  await rm(aside, { recursive: true, force: true })
  try {
    await rename(directory, aside)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return
    throw error
  }
  await rm(aside, { recursive: true, force: true })
}
