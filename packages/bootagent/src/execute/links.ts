import { readlink, rename, rm, symlink } from 'node:fs/promises'
import { diskError, syncDirectory } from '@bootagent/runtime'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { fileSetId } from '../state/file-sets.ts'
import { agentPaths, type Paths } from '../state/paths.ts'
import { treeOf } from '../state/releases.ts'

/** Points `current`, `previous` and `config` to what the metafile says. They are for people, their scripts and agents' arguments: we never read them to decide. */
export async function pointLinks(paths: Paths, name: string, agent: AgentRecord | undefined): Promise<void> {
  const own = agentPaths(paths, name)
  try {
    const changes = [
      await pointLink(own.previous, treeTarget(agent, agent?.previous)),
      await pointLink(own.config, filesTarget(agent)),
      await pointLink(own.current, treeTarget(agent, agent?.release)),
    ]
    if (changes.includes(true)) await syncDirectory(own.root)
  } catch (error) {
    throw diskError(`pointing ${own.current}`, error)
  }
}

function treeTarget(agent: AgentRecord | undefined, release: string | null | undefined): string | undefined {
  const tree = treeOf(agent?.releases ?? {}, release ?? '')
  return tree === undefined ? undefined : `releases/${tree}`
}

function filesTarget(agent: AgentRecord | undefined): string | undefined {
  const files = agent?.releases[agent.release ?? '']?.files
  return files === undefined ? undefined : `files/${fileSetId(files)}`
}

/** A link is replaced by a rename, never removed first: at every moment it resolves. */
async function pointLink(link: string, target: string | undefined): Promise<boolean> {
  if ((await targetOf(link)) === target) return false
  if (target === undefined) {
    await rm(link, { force: true })
    return true
  }
  const beside = `${link}.new`
  await rm(beside, { force: true })
  await symlink(target, beside)
  await rename(beside, link)
  return true
}

async function targetOf(link: string): Promise<string | undefined> {
  try {
    return await readlink(link)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
