/** How one thing is: as it should be; not so, and BootAgent runs all the same; not so, and something will not work. */
export type Verdict = 'ok' | 'warn' | 'FAIL'

/** What was found of one thing. */
export interface Found {
  readonly verdict: Verdict
  /** Which one, where a check looks at several: a server, an agent. */
  readonly subject?: string
  /** What was found, as a sentence without its full stop. */
  readonly text: string
  /** What to do about it; only where it is not ok, and the text does not say so itself. */
  readonly advice?: string
}

/** The same with the name of the check that found it; the shape of `-T --json`. */
export interface Finding extends Found {
  readonly check: string
}

export function ok(text: string): Found {
  return { verdict: 'ok', text }
}

export function warn(text: string, advice: string): Found {
  return { verdict: 'warn', text, advice }
}

export function fail(text: string, advice?: string): Found {
  return { verdict: 'FAIL', text, ...(advice === undefined ? {} : { advice }) }
}

/** The worst of several, the first of those; `fallback` when there are none. */
export function worst(founds: readonly Found[], fallback: Found): Found {
  const rank = ({ verdict }: Found) => ['ok', 'warn', 'FAIL'].indexOf(verdict)
  return founds.reduce((found, each) => (rank(each) > rank(found) ? each : found), founds[0] ?? fallback)
}
