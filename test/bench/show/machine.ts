import { existsSync, readFileSync } from 'node:fs'
import { cpus, release, totalmem } from 'node:os'
import process from 'node:process'

/** Where figures come from, for whoever compares them with their own. */
export interface Machine {
  readonly cpu: string
  readonly memory: string
  readonly system: string
  readonly kernel: string
  readonly cgroups: string
  readonly node: string
}

export function describeMachine(): Machine {
  const all = cpus()
  return {
    cpu: `${all.length} × ${all[0]?.model.trim() ?? 'unknown'}`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    system: /^PRETTY_NAME="?([^"\n]*)/m.exec(readIfThere('/etc/os-release'))?.[1] ?? 'unknown',
    kernel: release(),
    cgroups: describeCgroups(),
    node: process.version,
  }
}

function describeCgroups(): string {
  if (existsSync('/sys/fs/cgroup/cgroup.controllers')) return 'v2'
  if (existsSync('/sys/fs/cgroup/unified/cgroup.controllers')) return 'v1, with v2 beside it'
  return existsSync('/sys/fs/cgroup/memory') ? 'v1' : 'none'
}

function readIfThere(path: string): string {
  return existsSync(path) ? readFileSync(path, 'utf8') : ''
}
