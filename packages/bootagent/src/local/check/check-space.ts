import { statfsSync } from 'node:fs'
import type { Found } from './finding.ts'
import { judgeHomeSpace, judgeRunSpace, type Space } from './judge-space.ts'
import { findNearest } from './look-at-directory.ts'
import type { Tested } from './tested.ts'

export function checkSpace({ paths }: Tested): Found[] {
  return [judgeHomeSpace(spaceOf(paths.home)), judgeRunSpace(spaceOf(paths.run))]
}

function spaceOf(path: string): Space {
  const [nearest] = findNearest(path)
  const { bavail, bsize, files, ffree } = statfsSync(nearest)
  // Of btrfs and its like the count of files is 0: they make as many as they have room for.
  return { path, bytes: bavail * bsize, inodes: files === 0 ? undefined : ffree }
}
