import { statfs } from 'node:fs/promises'
import { RuntimeError } from '@bootagent/runtime'
import type { Metafile } from '../state/metafile-schema.ts'
import type { Paths } from '../state/paths.ts'
import { RESERVE } from '../state/reserve.ts'
import { chooseForRoom } from './choose-evictions.ts'
import { neededDigests } from './needed-digests.ts'
import { dropPackage, keptPackages } from './package-store.ts'

/**
 * Sees to it that the disk has room for so many bytes more, by giving up packages that nobody needs now; throws `disk-full` when
 * that is not enough: better refused now than failed half way.
 */
export async function makeRoom(paths: Paths, metafile: Metafile, bytes: number): Promise<void> {
  const short = bytes + RESERVE - (await freeBytes(paths.home))
  if (short <= 0) return
  for (const digest of chooseForRoom(await keptPackages(paths), neededDigests(metafile), short)) await dropPackage(paths, digest)
  const free = await freeBytes(paths.home)
  if (free >= bytes + RESERVE) return
  const said = [free, bytes, RESERVE].map((each) => `${Math.ceil(each / 1024 ** 2)} MB`)
  throw new RuntimeError(
    'disk-full',
    `${paths.home} has ${said[0]} free; ${said[1]} are needed, and ${said[2]} are kept in reserve`,
  )
}

/** Whether the disk has room for so many bytes as it is. */
export async function hasRoom(paths: Paths, bytes: number): Promise<boolean> {
  return (await freeBytes(paths.home)) >= bytes + RESERVE
}

async function freeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
