import type { Reckoning } from './driver.ts'
import { readFigure, readFigures } from './kernel-file.ts'

/** Where v1 counts: the group's directory in each hierarchy that has it. */
export interface V1Groups {
  readonly memory?: string | undefined
  readonly cpu?: string | undefined
  readonly cpuacct?: string | undefined
  readonly pids?: string | undefined
}

/** What v1 counts of a group; `unified` is the group in the v2 tree beside it, which counts processor time without a controller. */
export function reckonV1({ memory, cpu, cpuacct, pids }: V1Groups, unified?: string): Reckoning {
  const quota = readFigures(`${cpu}/cpu.stat`)
  const used = readFigures(`${memory}/memory.stat`)
  const nanoseconds = readFigure(`${cpuacct}/cpuacct.usage`)
  return {
    ...known('oomKills', readFigures(`${memory}/memory.oom_control`).get('oom_kill')),
    ...known('cpuUsec', nanoseconds === undefined ? cpuOf(unified) : Math.round(nanoseconds / 1000)),
    ...known('periods', quota.get('nr_periods')),
    ...known('throttled', quota.get('nr_throttled')),
    ...known('memoryBytes', sum(used.get('total_rss'), used.get('total_shmem'))),
    ...known('memoryPeakBytes', readFigure(`${memory}/memory.max_usage_in_bytes`)),
    ...reckonPids(pids),
  }
}

/** What v2 counts of a group. */
export function reckonV2(path: string): Reckoning {
  const cpu = readFigures(`${path}/cpu.stat`)
  const used = readFigures(`${path}/memory.stat`)
  return {
    ...known('oomKills', readFigures(`${path}/memory.events`).get('oom_kill')),
    ...known('cpuUsec', cpu.get('usage_usec')),
    ...known('periods', cpu.get('nr_periods')),
    ...known('throttled', cpu.get('nr_throttled')),
    ...known('memoryBytes', sum(used.get('anon'), used.get('shmem'))),
    ...known('memoryPeakBytes', readFigure(`${path}/memory.peak`)),
    ...reckonPids(path),
  }
}

function reckonPids(path: string | undefined): Reckoning {
  return {
    ...known('pids', readFigure(`${path}/pids.current`)),
    ...known('forksRefused', readFigures(`${path}/pids.events`).get('max')),
  }
}

function cpuOf(unified: string | undefined): number | undefined {
  return unified === undefined ? undefined : readFigures(`${unified}/cpu.stat`).get('usage_usec')
}

/** Shared memory counts for the processes: the kernel keeps it apart from the page cache that it can drop. */
function sum(own: number | undefined, shared: number | undefined): number | undefined {
  return own === undefined ? undefined : own + (shared ?? 0)
}

function known<K extends keyof Reckoning>(name: K, figure: number | undefined): Reckoning {
  return figure === undefined ? {} : { [name]: figure }
}
