import { readlink, rename, rm, symlink } from 'node:fs/promises'
import { diskError, syncDirectory } from '@bootagent/runtime'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { agentPaths, type Paths } from '../state/paths.ts'

/** Points `current` and `previous` to what the metafile says. They are for people and their scripts: we never read them to decide. */
export async function pointLinks(paths: Paths, name: string, agent: AgentRecord | undefined): Promise<void> {
  const own = agentPaths(paths, name)
  try {
    const changes = [await pointLink(own.previous, agent?.previous ?? null), await pointLink(own.current, agent?.release ?? null)]
    if (changes.includes(true)) await syncDirectory(own.root)
  } catch (error) {
    throw diskError(`pointing ${own.current}`, error)
  }
}

/** A link is replaced by a rename, never removed first: at every moment it resolves. */
async function pointLink(link: string, release: string | null): Promise<boolean> {
  const target = release === null ? undefined : `releases/${release}`
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
