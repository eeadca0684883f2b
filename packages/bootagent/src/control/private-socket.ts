import { once } from 'node:events'
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { dirname } from 'node:path'

/** What the kernel takes as the name of a socket, its closing NUL aside (unix(7), sun_path). */
export const LONGEST_SOCKET_PATH = 107

/**
 * Listens on a socket that nobody but us has ever been able to open, and resolves with its inode. It is bound in a directory that
 * is closed to others, and renamed into place with its final mode: a mode set after the bind would come too late, and a umask
 * would hold for all that this process makes meanwhile. The rename also takes the place of what a dead daemon has left.
 * Throws what the system says.
 */
export async function listenPrivately(server: Server, path: string): Promise<number> {
  const directory = `${dirname(path)}/.control`
  // Shorter than the path it becomes: whatever fits there fits here.
  const bound = `${directory}/s`
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { mode: 0o700 })
  server.listen(bound)
  await once(server, 'listening')
  await chmod(bound, 0o600)
  const { ino } = await stat(bound)
  await rename(bound, path)
  await rm(directory, { recursive: true, force: true })
  return ino
}

/** Whether the socket with that inode is still to be found at the path. */
export async function isSocketAt(path: string, inode: number): Promise<boolean> {
  try {
    return (await stat(path)).ino === inode
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}
