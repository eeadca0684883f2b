import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'

/** Keeps processes from dying, as a disk does that no longer answers: KILL is taken, and nothing happens. */
export interface Freezer {
  freeze(pids: readonly number[]): void
  thaw(): void
  /** Thaws, lets everything out, and is gone. */
  remove(): void
}

/** A version 1 freezer; undefined where there is none to use. */
export function makeFreezer(): Freezer | undefined {
  const parent = '/sys/fs/cgroup/freezer'
  const group = `${parent}/bootagent-test-${process.pid}`
  try {
    mkdirSync(group)
  } catch (error) {
    if (['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  const thaw = () => writeFileSync(`${group}/freezer.state`, 'THAWED')
  return {
    thaw,
    freeze(pids) {
      for (const pid of pids) writeFileSync(`${group}/cgroup.procs`, String(pid))
      writeFileSync(`${group}/freezer.state`, 'FROZEN')
    },
    remove() {
      thaw()
      const left = readFileSync(`${group}/cgroup.procs`, 'latin1').split('\n').filter(Boolean)
      for (const pid of left) writeFileSync(`${parent}/cgroup.procs`, pid)
      rmdirSync(group)
    },
  }
}
