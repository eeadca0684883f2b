import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { dirname } from 'node:path'
import process from 'node:process'
import { readProc } from './read-proc.ts'

/** Where control groups are mounted. */
const ROOT = '/sys/fs/cgroup'

/** The directories of the control groups, of every hierarchy, that the process is in and this one is not. */
export function groupsOf(pid: number): string[] {
  const own = new Set(lines(process.pid))
  return lines(pid).flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    if (own.has(line) || path === '/') return []
    return mountsOf(controllers)
      .map((mount) => `${mount}${path}`)
      .filter((each) => existsSync(each))
  })
}

function lines(pid: number): string[] {
  return (readProc(`${pid}/cgroup`) ?? '').split('\n').filter((line) => line !== '')
}

/** v2 has no controllers in its line, and is mounted at the root or, beside v1, at `unified`. */
function mountsOf(controllers: string): string[] {
  return controllers === '' ? [`${ROOT}/unified`, ROOT] : [`${ROOT}/${controllers.replace(/^name=/, '')}`]
}

/** The directory with all groups of the BootAgent that this group is of, which is of one home only; undefined for others' groups. */
export function placeOf(group: string): string | undefined {
  return /^.*\/bootagent\/[0-9a-f]{8}(?=\/|$)/.exec(group)?.[0]
}

/** Removes a BootAgent's groups once their processes are dead, and the directory above them unless another BootAgent needs it. */
export function removePlace(place: string): void {
  for (let round = 0; round < 100 && !removeTree(place); round += 1) {
    // The kernel may need a moment after the last process.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10)
  }
  removeOne(dirname(place))
}

function removeTree(path: string): boolean {
  const below = existsSync(path) ? readdirSync(path, { withFileTypes: true }).filter((each) => each.isDirectory()) : []
  return !below.map(({ name }) => removeTree(`${path}/${name}`)).includes(false) && removeOne(path)
}

/** True when it is gone; whoever made it may have removed it already. */
function removeOne(path: string): boolean {
  try {
    rmdirSync(path)
    return true
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return true
    if (['EBUSY', 'ENOTEMPTY'].includes(code)) return false
    throw error
  }
}
