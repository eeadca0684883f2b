import { existsSync, readFileSync } from 'node:fs'
import { chooseDriver } from '../../packages/bootagent/src/limits/choose-driver.ts'

/** Whether this host has control groups that hold CPU and memory; without them the kernel can neither limit nor kill for that. */
export function holdsLimits(): boolean {
  const { enforced } = chooseDriver({ key: '00000000' })
  return enforced.has('CPU') && enforced.has('memory')
}

/** What the kernel holds a process to: by its own files, asked past the code under test. */
export interface Held {
  /** Bytes. */
  readonly memory: number
  /** Of one core. */
  readonly cpuPercent: number
}

const ROOT = '/sys/fs/cgroup'

/** Reads the groups a process is in; v1 has one hierarchy a controller, v2 one for all. */
export function heldTo(pid: number): Held {
  const lines = readFileSync(`/proc/${pid}/cgroup`, 'latin1').split('\n').filter(Boolean)
  const files = lines.flatMap((line) => {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
    return controllers === ''
      ? [`${ROOT}${path}`, `${ROOT}/unified${path}`]
      : controllers.split(',').map((each) => `${ROOT}/${each}${path}`)
  })
  const read = (file: string) =>
    files
      .map((each) => `${each}/${file}`)
      .filter((each) => existsSync(each))
      .map((each) => readFileSync(each, 'latin1').trim())[0]
  const [quota, period] = read('cpu.max')?.split(' ') ?? [read('cpu.cfs_quota_us'), read('cpu.cfs_period_us')]
  return {
    memory: Number(read('memory.max') ?? read('memory.limit_in_bytes')),
    cpuPercent: (Number(quota) / Number(period)) * 100,
  }
}
