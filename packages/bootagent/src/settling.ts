import { RuntimeError } from '@bootagent/runtime'
import { diskSlowEvent } from './event/compose-event.ts'
import type { Answered } from './remote/conversation.ts'
import { addEvent } from './state/events.ts'
import type { MetafileStore } from './state/metafile.ts'
import type { Walk } from './walk.ts'

/** Brings answers to the disk, one at a time, and never keeps a report waiting for a disk that stands still (ADR 0059). */
export interface Settling {
  /**
   * Settles an answer. False when the disk has not taken it in 5 s, or has not yet taken one before it: then reports go on, and they tell
   * what is on the disk. An answer that comes meanwhile is not taken at all, as if it had been lost: its server gives it again.
   */
  take(answered: Answered): Promise<boolean>
  /** Resolves when nothing is on its way any more; until then nobody else may have the disk. */
  atRest(): Promise<void>
}

/** What settling needs of the walk. */
interface SettlingParts extends Pick<Walk, 'clock' | 'toTell'> {
  readonly settle: (answered: Answered) => Promise<void>
  readonly metafile: MetafileStore
}

/** Milliseconds. A disk that is well takes a hundredth of that, and no step is so short that a host would seem gone. */
const PATIENCE = 5000

export function createSettling({ settle, metafile, clock, toTell }: SettlingParts): Settling {
  /** What is on its way with nobody waiting for it. */
  let late: Promise<void> | undefined

  async function follow(settled: Promise<void>, since: number): Promise<void> {
    try {
      await settled
      const seconds = Math.round(clock.uptime() - since)
      await metafile.update(addEvent(diskSlowEvent({ seconds, now: Math.floor(clock.now() / 1000) })))
      toTell.ring()
    } catch (error) {
      // Nothing has changed then: its server gives the answer again.
      if (!(error instanceof RuntimeError)) throw error
    } finally {
      late = undefined
    }
  }

  return {
    async take(answered) {
      if (late !== undefined) return false
      const since = clock.uptime()
      const settled = settle(answered)
      const taken = await inTime(settled, clock)
      if (!taken) late = follow(settled, since)
      return taken
    },
    async atRest() {
      await late
    },
  }
}

/** False when its time is over; rejects as it does, before that. */
async function inTime(settled: Promise<void>, clock: Walk['clock']): Promise<boolean> {
  const over = new AbortController()
  try {
    return await Promise.race([settled.then(() => true), clock.sleep(PATIENCE, over.signal).then(() => false)])
  } finally {
    over.abort()
  }
}
