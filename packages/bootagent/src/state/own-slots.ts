/** The two places for BootAgent's own executable: one runs, the other is filled by the next upgrade (ADR 0048). */
export const SLOTS = ['a', 'b'] as const
export type Slot = (typeof SLOTS)[number]

export function isSlot(text: string | undefined): text is Slot {
  return (SLOTS as readonly (string | undefined)[]).includes(text)
}

/** The other of the two. */
export function otherSlot(slot: Slot): Slot {
  return slot === 'a' ? 'b' : 'a'
}

/** Whether a package of that version holds this BootAgent: `1.2.1-3` is the third package of 1.2.1, as .deb and .rpm count them. */
export function holdsVersion(packaged: string, version: string): boolean {
  return (
    packaged === version || (packaged.startsWith(`${version}-`) && /^[A-Za-z0-9.+~_]+$/.test(packaged.slice(version.length + 1)))
  )
}

/** What lies in HOME/self. */
export interface OwnSlots {
  /** The one that is to run. */
  readonly current: Slot | undefined
  /** The one to go back to. */
  readonly fallback: Slot | undefined
  /** Why the last trial failed, as whoever ended it wrote down. */
  readonly failure: string | undefined
  /** Those that hold an executable. */
  readonly filled: readonly Slot[]
}

/** This BootAgent, as a job about itself sees it. */
export interface OwnState extends OwnSlots {
  /** The slot it was started from by its guard; undefined when nobody would start it again. */
  readonly running: Slot | undefined
}

/** What it is where nobody keeps it. */
export const UNGUARDED: OwnState = { running: undefined, current: undefined, fallback: undefined, failure: undefined, filled: [] }

/** Whether the slot that is to run may still be given up for the one before. */
export function isOnTrial({ current, fallback }: Pick<OwnSlots, 'current' | 'fallback'>): boolean {
  return fallback !== undefined && fallback !== current
}
