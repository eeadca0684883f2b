import { createHash } from 'node:crypto'

/** Everything that happens in a world, line by line. Two runs of one history have the same lines, to the last letter. */
export interface Trace {
  add(ms: number, who: string, what: string): void
  /** Of all lines so far. */
  digest(): string
  /** Empty unless they were asked for. */
  lines(): readonly string[]
}

export function openTrace(kept: boolean): Trace {
  const hash = createHash('sha256')
  const lines: string[] = []
  return {
    add(ms, who, what) {
      const line = `${clockOf(ms)} ${who.padEnd(6)} ${what}`
      hash.update(`${line}\n`)
      if (kept) lines.push(line)
    },
    digest: () => hash.copy().digest('hex').slice(0, 16),
    lines: () => lines,
  }
}

/** `1d 02:03:04.567` since the world began. */
function clockOf(ms: number): string {
  const whole = Math.floor(ms)
  const two = (value: number) => String(value).padStart(2, '0')
  const days = Math.floor(whole / 86_400_000)
  const clock = [whole / 3_600_000, whole / 60_000, whole / 1000].map((each, at) => two(Math.floor(each) % (at === 0 ? 24 : 60)))
  return `${days === 0 ? '' : `${days}d `}${clock.join(':')}.${String(whole % 1000).padStart(3, '0')}`
}
