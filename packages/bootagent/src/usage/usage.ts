/** What an agent uses now, all of its processes together. */
export interface Usage {
  /** Percent of one core since the sample before; over its whole life in the first one. */
  readonly cpu: number
  /** Bytes. */
  readonly rss: number
  /** Open descriptors. */
  readonly fds: number
  readonly processes: number
}

/** What a sample is taken of. */
export interface UsageSubject {
  readonly name: string
  readonly attempt: string
  /** Its main process, proven to be its own. */
  readonly pid: number
}

/** Samples usage when it is asked to, and never by itself: a hundred idle agents must cost nothing. */
export interface Sampler {
  /** By name; an agent that ended while it was looked at is left out. */
  sample(subjects: readonly UsageSubject[]): Promise<ReadonlyMap<string, Usage>>
}
