/** How much of an agent's output is kept: `total` bytes over at most `files` files, `output.log` among them. */
export interface LogSettings {
  readonly total: number
  readonly files: number
}

/** What an agent's log takes on the disk: `output.log`, and the older ones by their number (1 is the newest of them). */
export interface LogSizes {
  readonly live: number
  readonly old: ReadonlyMap<number, number>
}

/**
 * What is to be done about a log.
 *
 *     nothing   it is small enough
 *     drop      older files are too many or too large, as after a change of settings
 *     rotate    `output.log` is copied from the byte `from` on, `most` bytes and `spare` for what is written meanwhile, then emptied;
 *               the copy becomes `.1`
 *     cut       the same after a flood: it holds more than all files together may, and what is before `from` is given up
 *
 * `drop` goes first, so that there is room; then each number in `shift`, in that order, is moved up by one.
 */
export type Rotation =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'drop'; readonly drop: readonly number[] }
  | {
      readonly kind: 'rotate' | 'cut'
      readonly drop: readonly number[]
      readonly shift: readonly number[]
      readonly from: number
      readonly most: number
      readonly spare: number
    }

/**
 * Decides by sizes alone, and so from whatever a crash has left. After it, and while it is carried out, the files together hold no more
 * than `total` and what `output.log` grows by between two looks.
 */
export function planRotation({ live, old }: LogSizes, settings: LogSettings): Rotation {
  const { share, full } = segmentOf(settings)
  if (live < full) {
    const drop = tooMuch(old, { files: settings.files - 1, bytes: settings.total - share })
    return drop.length === 0 ? { kind: 'nothing' } : { kind: 'drop', drop }
  }
  const kind = live > settings.total ? 'cut' : 'rotate'
  const keep = kind === 'cut' ? share : Math.min(live, Math.floor(settings.total / 2))
  // While it is copied there is the copy, and what is copied.
  const drop = tooMuch(old, { files: settings.files - 2, bytes: settings.total - keep - share })
  const left = [...old.keys()].filter((number) => !drop.includes(number))
  return { kind, drop, shift: toFreeTheFirst(left), from: live - keep, most: keep, spare: share - full }
}

/**
 * A segment is one file's share of the total. `output.log` is full a little before that: it grows on until it is looked at, and while
 * it is copied.
 */
export function segmentOf({ total, files }: LogSettings): { readonly share: number; readonly full: number } {
  const share = Math.floor(total / files)
  return { share, full: share - Math.floor(share / 8) }
}

/** What was seen of `output.log` since the look before. */
export interface Growth {
  /** Bytes it may still take until it is full. */
  readonly room: number
  readonly grown: number
  readonly elapsedMs: number
}

/** Milliseconds until the next look: as long as half of the room will last, and no longer than at rest. */
export function nextLook({ room, grown, elapsedMs }: Growth): number {
  if (grown <= 0 || elapsedMs <= 0) return REST_MS
  return Math.max(SOONEST_MS, Math.min(REST_MS, (Math.max(0, room) / grown) * elapsedMs * 0.5))
}

/** Between two looks at a log that does not grow. */
export const REST_MS = 10_000
/** Looking more often would cost more than a flood does. */
const SOONEST_MS = 100

/** The oldest ones, until the others are as few and as small as they have to be. */
function tooMuch(old: LogSizes['old'], allowed: { files: number; bytes: number }): number[] {
  const oldestFirst = [...old.keys()].sort((a, b) => b - a)
  let bytes = [...old.values()].reduce((sum, size) => sum + size, 0)
  let files = old.size
  const drop: number[] = []
  for (const number of oldestFirst) {
    if (files <= allowed.files && bytes <= allowed.bytes) break
    drop.push(number)
    files -= 1
    bytes -= old.get(number) ?? 0
  }
  return drop
}

/** A crash may have left a gap: only what stands in the way of `.1` without one is moved, the highest number first. */
function toFreeTheFirst(left: readonly number[]): number[] {
  const shift: number[] = []
  for (let number = 1; left.includes(number); number++) shift.unshift(number)
  return shift
}
