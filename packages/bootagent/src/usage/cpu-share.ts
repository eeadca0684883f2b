/** What an attempt has used of the processors, seen at one moment. */
export interface CpuReading {
  readonly attempt: string
  /** Seconds since boot. */
  readonly at: number
  /** When its main process was started: seconds since boot. */
  readonly since: number
  /** Who counted: the kernel for all of them together, or we, process by process. Two that count differently cannot be compared. */
  readonly counted: 'together' | 'singly'
  /** Seconds of processor time, by who used them; a process goes by its pid and its start time, so that no other is taken for it. */
  readonly spent: ReadonlyMap<string, number>
}

/**
 * Percent of one core between two readings of one attempt; over its whole life when there is none to compare with. A process that
 * ended in between is not counted, and one that began in between is counted whole.
 */
export function cpuShare(before: CpuReading | undefined, now: CpuReading): number {
  const comparable = before !== undefined && before.attempt === now.attempt && before.counted === now.counted
  const seconds = now.at - (comparable ? before.at : now.since)
  if (seconds <= 0) return 0
  // A count that went back, as one does that a host lost, is none.
  const spent = [...now.spent].map(([who, total]) => Math.max(0, total - ((comparable ? before.spent.get(who) : undefined) ?? 0)))
  return (100 * spent.reduce((sum, each) => sum + each, 0)) / seconds
}
