import type { ResourceLimits } from '@bootagent/protocol'
import type { Usage } from '../usage/usage.ts'
import type { LimitName, Unapplied } from './driver.ts'

/** So many checks in a row over a limit, and the agent is killed: one peak is no reason, and the kernel would bear with it too. */
export const CHECKS_OVER = 5

/** The limits that can be seen from outside. */
export type WatchedLimit = 'CPU' | 'memory' | 'pids'

/** How many checks in a row found an agent over each limit; absent is none. */
export type ChecksOver = Readonly<Partial<Record<WatchedLimit, number>>>

/** One check of one agent. */
export interface UsageCheck {
  readonly limits: ResourceLimits
  /** Limits that the kernel holds it to: nobody else need watch them. */
  readonly enforced: ReadonlySet<LimitName>
  /** What it uses now; undefined when that could not be seen. */
  readonly usage: Usage | undefined
  /** As the check before left it; empty for a new attempt. */
  readonly over: ChecksOver
}

export interface UsageVerdict {
  /** For the next check. */
  readonly over: ChecksOver
  /** Present when it must be killed: what it used and what it may, for people. */
  readonly kill?: { readonly detail: string }
}

/** Judges one check where the kernel does not hold an agent to its limits. A figure that could not be seen changes nothing. */
export function judgeUsage({ limits, enforced, usage, over }: UsageCheck): UsageVerdict {
  const seen = FIGURES.flatMap(({ limit, may, uses, show }) => {
    const most = may(limits)
    if (most === undefined || enforced.has(limit)) return []
    const used = usage === undefined ? undefined : uses(usage)
    const before = over[limit] ?? 0
    if (used === undefined || !Number.isFinite(used)) return [{ limit, checks: before, detail: '' }]
    const checks = used > most ? before + 1 : 0
    return [{ limit, checks, detail: `${show(used)} of ${show(most)}` }]
  })
  const reached = seen.filter(({ checks, detail }) => checks >= CHECKS_OVER && detail !== '')
  const next = Object.fromEntries(seen.filter(({ checks }) => checks > 0).map(({ limit, checks }) => [limit, checks]))
  if (reached.length === 0) return { over: next }
  return { over: next, kill: { detail: `${reached.map(({ detail }) => detail).join(' and ')}, ${CHECKS_OVER} checks in a row` } }
}

/** The limits that the kernel holds one attempt to: what the host offers, but for what it did not take. */
export function enforcedFor(enforced: ReadonlySet<LimitName>, unapplied: readonly Unapplied[]): ReadonlySet<LimitName> {
  return new Set([...enforced].filter((name) => unapplied.every(({ limit }) => limit !== name)))
}

interface Figure {
  readonly limit: WatchedLimit
  readonly may: (limits: ResourceLimits) => number | undefined
  readonly uses: (usage: Usage) => number
  readonly show: (figure: number) => string
}

const FIGURES: readonly Figure[] = [
  {
    limit: 'CPU',
    may: ({ cpuPercent }) => cpuPercent,
    uses: ({ cpu }) => cpu,
    show: (percent) => `${round(percent)}% of a core`,
  },
  {
    limit: 'memory',
    may: ({ memoryBytes }) => memoryBytes,
    uses: ({ rss }) => rss,
    show: (bytes) => `${round(bytes / 1024 ** 2)} MB`,
  },
  { limit: 'pids', may: ({ pids }) => pids, uses: ({ processes }) => processes, show: (count) => `${count} processes` },
]

/** One decimal, and none where it is 0. */
function round(figure: number): string {
  return String(Math.round(figure * 10) / 10)
}
