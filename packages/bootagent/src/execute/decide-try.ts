import type { Reason } from '@bootagent/protocol'
import { backoff } from '@bootagent/runtime'

/** How a try of a download failed. */
export interface FailedTry {
  readonly reason: Reason
  /** Seconds after which the source wants to be asked again, if it said so. */
  readonly retryAfter?: number | undefined
  /** Bytes that are on the disk now and were not before any earlier try. */
  readonly gained: number
}

/** What is known of the tries so far. */
export interface Tries {
  /** Tries in a row that have failed and brought nothing. */
  readonly barren: number
  /** Whether it was begun anew already because the bytes were the wrong ones. */
  readonly scratched: boolean
}

export const NO_TRIES: Tries = { barren: 0, scratched: false }

/** How often, and how soon; milliseconds. */
export interface TrySettings {
  readonly tries: number
  readonly pause: number
}

/** What is done about a failed try. */
export type Decision =
  | { readonly kind: 'again'; readonly after: number; readonly fromScratch: boolean; readonly tries: Tries }
  | { readonly kind: 'give-up' }

/**
 * The classes of failure. A network and a server may come right by themselves; so may a worker that was killed. Wrong bytes
 * may be a mixture of two packages, once. All else stays as it is: a refusal, a wrong size or certificate, a disk.
 */
const CLASSES: Partial<Record<Reason, 'passing' | 'wrong-bytes'>> = {
  'fetch-unreachable': 'passing',
  'fetch-failed': 'passing',
  'fetch-cut': 'passing',
  'fetch-timeout': 'passing',
  internal: 'passing',
  'checksum-mismatch': 'wrong-bytes',
}

/** A try that brought so much is none in vain: over a bad line a large package comes in many pieces. */
const ENOUGH = 1024 ** 2
const LONGEST_PAUSE = 60_000
/** What a source asks for is granted up to here, in seconds; it might mean for ever. */
const LONGEST_RETRY_AFTER = 600

/** Decides whether a download is tried again, when, and with what of it. `random` is in [0, 1). */
export function decideTry(failed: FailedTry, before: Tries, by: TrySettings & { readonly random: number }): Decision {
  const kind = CLASSES[failed.reason]
  if (kind === undefined || (kind === 'wrong-bytes' && before.scratched)) return { kind: 'give-up' }
  if (kind === 'wrong-bytes') return { kind: 'again', after: 0, fromScratch: true, tries: { barren: 0, scratched: true } }
  const barren = failed.gained >= ENOUGH ? 1 : before.barren + 1
  if (barren >= by.tries) return { kind: 'give-up' }
  const after = Math.max(
    backoff({ base: by.pause, cap: LONGEST_PAUSE }, barren - 1, by.random),
    Math.min(failed.retryAfter ?? 0, LONGEST_RETRY_AFTER) * 1000,
  )
  return { kind: 'again', after, fromScratch: false, tries: { ...before, barren } }
}
