import type { ResourceLimits } from '@bootagent/protocol'

/**
 * How a host can hold its agents to their limits.
 *
 *     cgroup-v2   straight in its file system
 *     cgroup-v1   controller by controller
 *     hybrid      v1 for the limits, with the empty v2 tree beside it to know and to kill all of an agent's processes at once
 *     systemd     a scope of systemd for each attempt
 *     none        no control groups: limits are watched by us
 */
export const DRIVER_KINDS = ['cgroup-v2', 'cgroup-v1', 'hybrid', 'systemd', 'none'] as const
export type DriverKind = (typeof DRIVER_KINDS)[number]

/** In which order they are tried, the best first. Under systemd the tree is systemd's, and is asked for. */
export const TRIED = ['systemd', 'cgroup-v2', 'hybrid', 'cgroup-v1'] as const satisfies readonly DriverKind[]

/** The words of a job's `limits`. */
export type LimitName = 'CPU' | 'memory' | 'pids' | 'nofile' | 'disk'

/** One attempt of one agent: what has a control group of its own, and never shares it. */
export interface Group {
  readonly agent: string
  readonly attempt: string
}

/** A limit that the host did not take, with the system's reason. */
export interface Unapplied {
  readonly limit: LimitName
  readonly why: string
}

/** How a process is put into its group. */
export interface Joining {
  /** Files into each of which it writes `0` about itself, before it becomes its program. */
  readonly files: readonly string[]
  /** What the shim's own command is started behind: systemd-run and its arguments, as a rule nothing. */
  readonly wrap: readonly string[]
  readonly unapplied: readonly Unapplied[]
}

/** What the kernel counts of a group; an absent figure is one this host does not count. All are gone with the group. */
export interface Reckoning {
  /** Processes killed at the memory limit. */
  readonly oomKills?: number
  /** Processor time used, in microseconds. */
  readonly cpuUsec?: number
  /** Periods of the CPU quota, and those in which it was used up. */
  readonly periods?: number
  readonly throttled?: number
  /** Bytes that belong to its processes, without the page cache. */
  readonly memoryBytes?: number
  /** Bytes it had at most, the page cache included. */
  readonly memoryPeakBytes?: number
  readonly pids?: number
  /** Forks refused at the limit of `pids`. */
  readonly forksRefused?: number
}

/**
 * Holds agents to their limits, and knows their processes whatever those do. Every call is a few reads or writes in a file system
 * of the kernel's, made at once. None throws for what a host may refuse: it says so in its answer.
 */
export interface LimitsDriver {
  readonly kind: DriverKind
  /** A sentence for operators: what is used, and what this host does not offer. */
  readonly why: string
  /** Limits the kernel enforces; the others are advisory, watched by us where they can be. */
  readonly enforced: ReadonlySet<LimitName>
  /** Whether {@link LimitsDriver.processes} names every process of a group, and {@link LimitsDriver.kill} reaches them. */
  readonly tracks: boolean
  /** Makes the group, with its limits, before there is a process. Made twice it is the same group. */
  prepare(group: Group, limits: ResourceLimits): Joining
  /** Sets the limits of a group that may have processes; an absent limit is lifted. */
  apply(group: Group, limits: ResourceLimits): readonly Unapplied[]
  /** Its living and dying processes; none for a group that is not there. */
  processes(group: Group): readonly number[]
  /** The agent's attempts that still have a group. */
  attemptsOf(agent: string): readonly string[]
  /** KILL to every process in it at once, so that none can fork away; `spare` is left alone. */
  kill(group: Group, spare?: number): void
  /** Undefined for a group that is not there. All figures, or `only` some: each is a file to be read. */
  reckon(group: Group, only?: readonly (keyof Reckoning)[]): Reckoning | undefined
  /** Removes a group without processes; false when it has some, or the system is not done with it yet. */
  remove(group: Group): boolean
  /** A file that changes when the last process has left the group; undefined where there is none. */
  eventsFile(group: Group): string | undefined
}
