/** `3 min`, `2 h 5 min`, `12 d 3 h`: two units at most, of a number of seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const at = UNITS.findIndex(([size]) => whole >= size)
  const [size, unit] = UNITS[at] ?? SECOND
  const [next, nextUnit] = UNITS[at + 1] ?? SECOND
  const rest = Math.floor((whole % size) / next)
  return `${Math.floor(whole / size)} ${unit}${rest === 0 || size === 1 ? '' : ` ${rest} ${nextUnit}`}`
}

/** `2026-01-01 12:00:05 UTC`, of Unix seconds; a clock may have said anything. */
export function moment(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? 'at an unknown time' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

/** `21 MB`, of bytes, in units of 1024. */
export function size(bytes: number): string {
  const unit = SIZES.findLast(([each]) => bytes >= each) ?? SIZES[0]
  const value = bytes / unit[0]
  return `${value >= 10 || unit[0] === 1 ? Math.round(value) : Math.round(value * 10) / 10} ${unit[1]}`
}

const SECOND = [1, 's'] as const
const UNITS: readonly (readonly [number, string])[] = [[86_400, 'd'], [3600, 'h'], [60, 'min'], SECOND]
const SIZES = [
  [1, 'B'],
  [1024, 'KB'],
  [1024 ** 2, 'MB'],
  [1024 ** 3, 'GB'],
] as const
