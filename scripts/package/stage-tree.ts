import { chmod, copyFile, lstat, lutimes, mkdir, readdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Payload } from './payload.ts'

/** Lays a payload out below a directory that is there, with the modes it will have on hosts, whatever the umask. */
export async function stageTree(payload: Payload, directory: string): Promise<void> {
  for (const { path, mode, content } of payload.files) {
    const to = join(directory, path)
    await makeDirectories(directory, dirname(path))
    if (typeof content === 'object' && 'copyOf' in content) await copyFile(content.copyOf, to)
    else await writeFile(to, content)
    await chmod(to, mode)
  }
  for (const { path, mode } of payload.directories) {
    await makeDirectories(directory, path)
    await chmod(join(directory, path), mode)
  }
}

async function makeDirectories(root: string, path: string): Promise<void> {
  if (path === '/' || path === '.') return
  await makeDirectories(root, dirname(path))
  const to = join(root, path)
  if ((await mkdir(to, { recursive: true })) !== undefined) await chmod(to, 0o755)
}

/** Gives a tree one time, in seconds since 1970, directories after what is in them. */
export async function setTimes(path: string, epoch: number): Promise<void> {
  if ((await lstat(path)).isDirectory()) for (const name of await readdir(path)) await setTimes(join(path, name), epoch)
  await lutimes(path, epoch, epoch)
}

/** The sum of the files' sizes below a directory, in bytes. */
export async function sizeOfTree(path: string): Promise<number> {
  const found = await lstat(path)
  if (!found.isDirectory()) return found.size
  const sizes = await Promise.all((await readdir(path)).map((name) => sizeOfTree(join(path, name))))
  return sizes.reduce((sum, size) => sum + size, 0)
}
