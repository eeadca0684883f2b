/** How a process of a history ends. */
export const ENDS = ['zero', 'code', 'signal', 'oom', 'forced', 'missing', 'lost', 'asked'] as const
export type End = (typeof ENDS)[number]

/** One thing that happens in a history, with what it takes in seconds. */
export type Deed =
  /** The agent is started by the policy if it is not there, lives so long, and ends; that is noticed some time after. */
  | { readonly kind: 'life'; readonly seconds: number; readonly end: End; readonly unnoticed: number }
  | { readonly kind: 'wait'; readonly seconds: number }
  | { readonly kind: 'stop' }
  | { readonly kind: 'start' }
  /** Its strikes are forgiven, and whoever did that dies before the start. */
  | { readonly kind: 'half-reset' }
  /** Another release; the old process is ended first, or still there when we die in the middle. */
  | { readonly kind: 'release'; readonly orderly: boolean }
  | { readonly kind: 'reboot' }
  /** We die and come back; the process that is there may end meanwhile. */
  | { readonly kind: 'death'; readonly down: number; readonly end: End | undefined }
  | { readonly kind: 'clock'; readonly days: number }
  /** The host cannot start anything for a while. */
  | { readonly kind: 'hindered'; readonly seconds: number }

/** What a history goes by, in seconds: the host's settings, and what each of two releases sets over them. */
export interface Settings {
  readonly delay: number
  readonly window: number
  readonly strikes: number
  readonly check: number
  readonly exitCodes: readonly number[]
}

export interface History {
  readonly host: Settings
  readonly releases: readonly [Partial<Settings>, Partial<Settings>]
  readonly deeds: readonly Deed[]
}

/** The same history for the same seed, for ever. */
export function historyOf(seed: number): History {
  const chance = createChance(seed)
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(chance() * values.length)] as Value
  const host: Settings = {
    delay: pick([0, 30, 180, 180, 180, 600]),
    window: pick([60, 900, 900, 900, 3600]),
    strikes: pick([0, 1, 3, 3, 3, 5]),
    check: pick([10, 60, 60, 60]),
    exitCodes: pick([[], [0], [0, 127]]),
  }
  const release = (): Partial<Settings> => {
    const which = chance()
    if (which < 0.7) return {}
    if (which < 0.8) return { delay: 5, window: 20 }
    return which < 0.9 ? { strikes: 1 } : { exitCodes: [0, 3] }
  }
  const releases = [release(), release()] as const
  const deeds = Array.from({ length: 1 + Math.floor(chance() * 8) }, () => deedOf(chance, pick, host.window))
  return { host, releases, deeds }
}

function deedOf(chance: () => number, pick: <Value>(values: readonly Value[]) => Value, window: number): Deed {
  const which = chance()
  if (which < 0.6) {
    const seconds = pick([0.02, chance() * 20, chance() * 20, window - 0.5, window + 0.5, window * 3])
    return { kind: 'life', seconds, end: pick(ENDS), unnoticed: pick([0, 0, chance() * 60]) }
  }
  if (which < 0.66) return { kind: 'wait', seconds: chance() * 400 }
  if (which < 0.7) return { kind: 'stop' }
  if (which < 0.75) return { kind: 'start' }
  if (which < 0.78) return { kind: 'half-reset' }
  if (which < 0.82) return { kind: 'release', orderly: chance() < 0.7 }
  if (which < 0.86) return { kind: 'reboot' }
  if (which < 0.93) return { kind: 'death', down: chance() * 500, end: pick([undefined, ...ENDS]) }
  if (which < 0.97) return { kind: 'clock', days: pick([-1, 1]) }
  return { kind: 'hindered', seconds: chance() * 300 }
}

/** mulberry32: small, quick, and good enough to wander about. */
function createChance(seed: number): () => number {
  let state = Math.imul(seed, 0x9e3779b1) | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
