import type { WrittenLimits } from '@bootagent/protocol'
import type { LimitName, LimitsDriver, Unapplied } from './driver.ts'
import type { WatchedLimit } from './over-limit.ts'

/** One limit of an agent, for operators. */
export interface LimitDescription {
  readonly limit: LimitName
  /** As the job wrote it: `20M`; of a disk, its figures by name. */
  readonly value: string
  /** By the kernel; by us, who watch it and kill; by nobody. */
  readonly how: 'enforced' | 'advisory' | 'not watched'
  /** Why not by the kernel. */
  readonly why?: string
}

/** What a description is made from. */
export interface DescribedLimits {
  readonly limits: WrittenLimits
  readonly driver: Pick<LimitsDriver, 'enforced' | 'why'>
  /** What the host did not take of the attempt's limits. */
  readonly unapplied: readonly Unapplied[]
}

/** Says of each limit whether it is held, in the order a job has them; a disk limit is one line a device. */
export function describeLimits({ limits, driver, unapplied }: DescribedLimits): LimitDescription[] {
  const { CPU, memory, pids, nofile, disk = [] } = limits
  const rows: (readonly [LimitName, string | undefined])[] = [
    ['CPU', CPU],
    ['memory', memory],
    ['pids', pids?.toString()],
    ['nofile', nofile?.toString()],
    ...disk.map((entry) => ['disk', describeDisk(entry)] as const),
  ]
  return rows.flatMap(([limit, value]): LimitDescription[] => {
    if (value === undefined) return []
    const reasons = unapplied.filter((each) => each.limit === limit && (limit !== 'disk' || concerns(each.why, value)))
    if (reasons.length === 0 && driver.enforced.has(limit)) return [{ limit, value, how: 'enforced' }]
    const why = reasons.map((each) => each.why).join('; ') || driver.why
    return [{ limit, value, how: WATCHED.has(limit) ? 'advisory' : 'not watched', why }]
  })
}

/** Limits that we can watch where the kernel does not. */
const WATCHED: ReadonlySet<LimitName> = new Set<WatchedLimit>(['CPU', 'memory', 'pids'])

function describeDisk({ dev, ...figures }: NonNullable<WrittenLimits['disk']>[number]): string {
  const named = Object.entries(figures).map(([name, figure]) => `${name} ${figure}`)
  return [dev, ...named].join(' ')
}

/** A reason that names a device is that device's alone. */
function concerns(why: string, value: string): boolean {
  const named = /(?:^|")(\d+:\d+) /.exec(why)?.[1]
  return named === undefined || value.split(' ')[0] === named
}
