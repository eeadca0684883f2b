import { dirname, resolve } from 'node:path'
import { fail, type Found, ok } from './finding.ts'
import { lookAtDirectory } from './look-at-directory.ts'
import type { Tested } from './tested.ts'

/** The file of `-P`; its directory is not made. */
export function checkPidFile({ options: { pidFile } }: Tested): Found[] {
  if (pidFile === undefined) return []
  const directory = dirname(resolve(pidFile))
  const { nearest, isDirectory, refused } = lookAtDirectory(directory)
  if (nearest !== directory || !isDirectory) return [fail(`${directory} is not there`, 'make it, or name another file with -P')]
  if (refused !== undefined) return [fail(`${directory} cannot be used (${refused})`, 'name another file with -P')]
  return [ok(pidFile)]
}
