import { type Found, fail, ok, worst } from './finding.ts'
import { judgeDirectory, judgeInner } from './judge-directory.ts'
import { findMountPoint, lookAtDirectory } from './look-at-directory.ts'
import type { Tested } from './tested.ts'

export function checkHome({ paths, uid }: Tested): Found[] {
  return [judgeDirectory(lookAtDirectory(paths.home), uid)]
}

export function checkRun({ paths, uid }: Tested): Found[] {
  return [worst([judgeDirectory(lookAtDirectory(paths.run), uid), judgeInner(lookAtDirectory(paths.attempts))], ok(paths.run))]
}

/** Files are written in one of these and renamed into another, which no two mounts allow (seed 001, 临时目录). */
export function checkTmp({ paths }: Tested): Found[] {
  const home = findMountPoint(paths.home)
  const inner = [paths.tmp, paths.packages, paths.agents]
  const founds = inner.map((path) => {
    const mount = findMountPoint(path)
    return mount === home
      ? judgeInner(lookAtDirectory(path))
      : fail(
          `${path} is on another mount (${mount}) than ${paths.home} (${home}): files could not be renamed into place (Invalid cross-device link)`,
          'mount the whole home as one',
        )
  })
  const said = ok(`tmp, packages and agents are on the mount of ${paths.home} (${home})`)
  return [worst([said, ...founds], said)]
}
