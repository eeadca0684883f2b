import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs'
import process from 'node:process'
import { onTestFinished } from 'vitest'

/** A control group that says what all processes in it have used together at most. */
export interface MemoryGroup {
  /** Makes a command one that runs in the group, with all that it starts. */
  readonly wrap: (command: string, ...args: readonly string[]) => { command: string; args: readonly string[] }
  /** Bytes. */
  readonly peak: () => number
}

/** Where groups are made, and the file that tells the peak: version 1, and version 2 as of Linux 5.19. */
const KINDS = [
  { root: '/sys/fs/cgroup/memory', peak: 'memory.max_usage_in_bytes' },
  { root: '/sys/fs/cgroup', peak: 'memory.peak' },
] as const

/** A group of its own for one test; undefined where the host lets us make none. */
export function makeMemoryGroup(): MemoryGroup | undefined {
  const name = `bootagent-corpus-${process.pid}-${Date.now()}`
  for (const { root, peak } of KINDS) {
    const group = `${root}/${name}`
    try {
      mkdirSync(group)
    } catch (error) {
      if (['ENOENT', 'EACCES', 'EROFS', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) continue
      throw error
    }
    if (!existsSync(`${group}/${peak}`)) {
      rmdirSync(group)
      continue
    }
    onTestFinished(() => rmdirSync(group))
    return {
      wrap: (...command) => ({ command: 'sh', args: ['-c', JOIN, `${group}/cgroup.procs`, ...command] }),
      peak: () => Number(readFileSync(`${group}/${peak}`, 'utf8')),
    }
  }
  return undefined
}

const JOIN = 'echo 0 >"$0" && exec "$@"'
