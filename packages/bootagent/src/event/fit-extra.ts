import { excerpt } from '@bootagent/protocol'

/**
 * The details of an event, small enough for `isSmallJson` whatever is in them, with room left for what a fold adds. Absent
 * facts are left out and texts cut; of `tail` the newest lines are kept that fit, each cut, and made harmless for a terminal.
 * The bound is in bytes: an event full of three-byte letters must still fit a report beside 200 agents.
 */
export function fitExtra(facts: Readonly<Record<string, unknown>>, tail?: readonly string[]): Record<string, unknown> {
  const known = Object.fromEntries(
    Object.entries(facts).flatMap(([name, fact]) => (fact === undefined ? [] : [[name, shorten(fact)]])),
  )
  return tail === undefined ? known : { ...known, tail: newestThatFit(tail, MOST_BYTES - bytes({ ...known, tail: [] })) }
}

/** Of the protocol's 4,096; the rest is for `folded` and `since`. */
const MOST_BYTES = 4000
const LINE_LENGTH = 300
const FACT_LENGTH = 200

function shorten(fact: unknown): unknown {
  return typeof fact === 'string' ? excerpt(fact, FACT_LENGTH) : fact
}

function newestThatFit(lines: readonly string[], room: number): string[] {
  const kept: string[] = []
  let left = room
  for (const line of lines.toReversed()) {
    const shown = excerpt(line.replaceAll('\t', ' '), LINE_LENGTH)
    left -= bytes(shown) + 1
    if (left < 0) break
    kept.unshift(shown)
  }
  return kept
}

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
