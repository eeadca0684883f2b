import type { Silence } from './poll.ts'

/** What a host hears of its servers; times in Unix seconds. */
export interface Hearing {
  /** The last answer to a report. */
  readonly answered?: { readonly server: string; readonly at: number }
  /** Since that: rounds in which nobody answered. */
  readonly silent?: {
    readonly since: number
    readonly rounds: number
    /** How many of the last rounds in a row every server refused to let this host in. */
    readonly denials: number
    /** What each server said last. */
    readonly why: readonly string[]
  }
}

/** What is heard after one more report; `now` is Unix seconds. */
export function hear(
  before: Hearing,
  told: { readonly kind: 'answered'; readonly answered: { readonly server: string } } | ({ readonly kind: 'silent' } & Silence),
  now: number,
): Hearing {
  if (told.kind === 'answered') return { answered: { server: told.answered.server, at: now } }
  const { since = now, rounds = 0, denials = 0 } = before.silent ?? {}
  return { ...before, silent: { since, rounds: rounds + 1, denials: told.denied ? denials + 1 : 0, why: told.why } }
}

/** Keeps what is heard, for whoever shows it. */
export interface HearingKept {
  read(): Hearing
  note(told: Parameters<typeof hear>[1], now: number): Hearing
}

export function createHearing(): HearingKept {
  let heard: Hearing = {}
  return {
    read: () => heard,
    note(told, now) {
      heard = hear(heard, told, now)
      return heard
    },
  }
}
