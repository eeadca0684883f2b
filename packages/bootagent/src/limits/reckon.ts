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
export function reckonV1({ memory, cpu, cpuacct, pids }: V1Groups, unified?: string, only?: Figures): Reckoning {
  return read(
    {
      oomKills: () => readFigures(`${memory}/memory.oom_control`).get('oom_kill'),
      cpuUsec: () => microseconds(readFigure(`${cpuacct}/cpuacct.usage`)) ?? cpuOf(unified),
      periods: () => readFigures(`${cpu}/cpu.stat`).get('nr_periods'),
      throttled: () => readFigures(`${cpu}/cpu.stat`).get('nr_throttled'),
      memoryBytes: () => sumOf(`${memory}/memory.stat`, ['total_rss', 'total_shmem']),
      memoryPeakBytes: () => readFigure(`${memory}/memory.max_usage_in_bytes`),
      ...pidsOf(pids),
    },
    only,
  )
}

/** What v2 counts of a group. */
export function reckonV2(path: string, only?: Figures): Reckoning {
  return read(
    {
      oomKills: () => readFigures(`${path}/memory.events`).get('oom_kill'),
      cpuUsec: () => cpuOf(path),
      periods: () => readFigures(`${path}/cpu.stat`).get('nr_periods'),
      throttled: () => readFigures(`${path}/cpu.stat`).get('nr_throttled'),
      memoryBytes: () => sumOf(`${path}/memory.stat`, ['anon', 'shmem']),
      memoryPeakBytes: () => readFigure(`${path}/memory.peak`),
      ...pidsOf(path),
    },
    only,
  )
}

/** Which figures are wanted; all of them when absent. */
type Figures = readonly (keyof Reckoning)[] | undefined

/** How each figure is read. */
type Counters = Readonly<Record<keyof Reckoning, () => number | undefined>>

function read(counters: Counters, only: Figures): Reckoning {
  const wanted = only ?? (Object.keys(counters) as (keyof Reckoning)[])
  const figures: { -readonly [Name in keyof Reckoning]: Reckoning[Name] } = {}
  for (const name of wanted) {
    const figure = counters[name]()
    if (figure !== undefined) figures[name] = figure
  }
  return figures
}

function pidsOf(path: string | undefined): Pick<Counters, 'pids' | 'forksRefused'> {
  return {
    pids: () => readFigure(`${path}/pids.current`),
    forksRefused: () => readFigures(`${path}/pids.events`).get('max'),
  }
}

function microseconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Math.round(nanoseconds / 1000)
}

function cpuOf(unified: string | undefined): number | undefined {
  return unified === undefined ? undefined : readFigures(`${unified}/cpu.stat`).get('usage_usec')
}

/** Shared memory counts for the processes: the kernel keeps it apart from the page cache that it can drop. */
function sumOf(path: string, [own, shared]: readonly [string, string]): number | undefined {
  const figures = readFigures(path)
  const bytes = figures.get(own)
  return bytes === undefined ? undefined : bytes + (figures.get(shared) ?? 0)
}
