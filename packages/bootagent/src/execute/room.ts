import { statfs } from 'node:fs/promises'
import { RuntimeError } from '@bootagent/runtime'

/** Kept free for the metafile and the agents' own needs, in bytes. */
const RESERVE = 32 * 1024 ** 2

/** Throws `disk-full` when the disk has no room for so many bytes more: better refused now than failed half way. */
export async function checkRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory)
  const free = bavail * bsize
  if (free >= bytes + RESERVE) return
  const short = [free, bytes, RESERVE].map((each) => `${Math.ceil(each / 1024 ** 2)} MB`)
  throw new RuntimeError(
    'disk-full',
    `${directory} has ${short[0]} free; ${short[1]} are needed, and ${short[2]} are kept in reserve`,
  )
}
