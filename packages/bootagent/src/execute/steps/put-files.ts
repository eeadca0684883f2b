import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crashPoint, diskError, makeDirectory, syncDirectory } from '@bootagent/runtime'
import type { StepPayloads } from '../../plan/step.ts'
import { agentPaths, fileSetPath } from '../../state/paths.ts'
import { makeRoom } from '../room.ts'
import type { Work } from '../tools.ts'
import { inWorkDirectory } from '../work-directory.ts'

/**
 * Puts a release's configuration files on the disk: written beside, synced, renamed under the set's id. What is there under that id
 * is whole, since its name is what is in it.
 */
export async function putFiles({ name, set, files }: StepPayloads['put-files'], { paths, metafile }: Work): Promise<void> {
  await makeRoom(
    paths,
    metafile.read(),
    Object.values(files).reduce((sum, content) => sum + Buffer.byteLength(content), 0),
  )
  await inWorkDirectory(paths, 'files', async (directory) => {
    try {
      const made = `${directory}/${set}`
      await writeSet(made, files)
      crashPoint('put-files:written')
      await makeDirectory(agentPaths(paths, name).files, 0o755)
      const to = fileSetPath(paths, name, set)
      await rm(to, { recursive: true, force: true })
      await rename(made, to)
      await syncDirectory(dirname(to))
    } catch (error) {
      throw diskError(`putting the files of ${name} in place`, error)
    }
  })
}

/** They may hold secrets: nobody reads them but root, and the agent's own group once it is started. */
async function writeSet(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  const directories = new Set([directory])
  await mkdir(directory, { mode: DIRECTORY })
  for (const [path, content] of Object.entries(files)) {
    for (const each of parentsOf(path)) directories.add(`${directory}/${each}`)
    await mkdir(dirname(`${directory}/${path}`), { recursive: true, mode: DIRECTORY })
    await writeNew(`${directory}/${path}`, content)
  }
  for (const each of directories) await syncDirectory(each)
}

const DIRECTORY = 0o750

/** `a/b/c.conf` ▸ `a`, `a/b`. */
function parentsOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}

async function writeNew(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o640)
  try {
    await file.writeFile(content)
    await file.sync()
  } finally {
    await file.close()
  }
}
