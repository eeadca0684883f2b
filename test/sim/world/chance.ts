/** A stream of chance: the same for the same seed and purpose, whatever other streams were asked for. */
export interface Chance {
  /** In [0, 1). */
  fraction(): number
  /** From `min` to `max`, both possible. */
  whole(min: number, max: number): number
  /** True once in `times`. */
  oneIn(times: number): boolean
  pick<Value>(values: readonly [Value, ...Value[]]): Value
  /** In the form of a version 4 UUID. */
  uuid(): string
}

/**
 * Opens the stream of a purpose. Each purpose has its own, so that a history with one deed less meets the same chance in everything
 * else: without that, shortening a history would change it.
 */
export function openChance(seed: number, purpose: string): Chance {
  let state = hash(`${seed}/${purpose}`)

  /** Mulberry32: 32 bits of state, which is plenty for a few thousand draws of one purpose. */
  function fraction(): number {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }

  const whole = (min: number, max: number) => min + Math.floor(fraction() * (max - min + 1))
  const digits = (count: number) => Array.from({ length: count }, () => whole(0, 15).toString(16)).join('')
  return {
    fraction,
    whole,
    oneIn: (times) => fraction() * times < 1,
    pick: (values) => values[whole(0, values.length - 1)] ?? values[0],
    uuid: () => `${digits(8)}-${digits(4)}-4${digits(3)}-a${digits(3)}-${digits(12)}`,
  }
}

/** FNV-1a, stirred once more: seeds that follow each other must not begin alike. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let at = 0; at < text.length; at++) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}
