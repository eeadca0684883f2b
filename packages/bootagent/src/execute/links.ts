import { readlink, rename, rm, symlink } from 'node:fs/promises'
import { diskError, syncDirectory } from '@bootagent/runtime'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { linkTargets } from '../state/link-targets.ts'
import { agentPaths, type Paths } from '../state/paths.ts'

/** Points `current`, `previous` and `config` to what the metafile says. They are for people, their scripts and agents' arguments: we never read them to decide. */
export async function pointLinks(paths: Paths, name: string, agent: AgentRecord | undefined): Promise<void> {
  const own = agentPaths(paths, name)
  const targets = linkTargets(agent)
  try {
    const changes = [
      await pointLink(own.previous, targets.previous),
      await pointLink(own.config, targets.config),
      await pointLink(own.current, targets.current),
    ]
    if (changes.includes(true)) await syncDirectory(own.root)
  } catch (error) {
    throw diskError(`pointing ${own.current}`, error)
  }
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
