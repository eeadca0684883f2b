const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** `3 min ago`: how long before `now` something was, both in Unix seconds. A host's clock may be ahead: that is `now` too. */
export function ago(then: number, now: number): string {
  const seconds = Math.floor(now - then)
  return seconds < 1 ? 'now' : `${span(seconds)} ago`
}

/** A length of time in its largest sensible unit, rounded down: `59 s`, `3 min`, `47 h`, `12 d`. */
export function span(seconds: number): string {
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`
  return `${Math.floor(seconds / DAY)} d`
}
