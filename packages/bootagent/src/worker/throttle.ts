/** What a throttle is paced by. */
export interface ThrottleClock {
  /** Milliseconds of a clock that never steps. */
  now(): number
  sleep(ms: number): Promise<unknown>
}

/** Longest wait in milliseconds within one piece: a new rate is felt so soon. */
const TICK = 250
const LEAST = 1024

/**
 * Hands bytes on no faster than `rate` says, in bytes a second; it is asked anew for each piece. Who waits here does not read,
 * so the sender is slowed down by its own window and nothing piles up.
 */
export async function* throttle(
  bytes: AsyncIterable<Buffer>,
  rate: () => number,
  clock: ThrottleClock,
): AsyncGenerator<Buffer, void> {
  let due = clock.now()
  for await (const piece of bytes) {
    for (let at = 0; at < piece.length; ) {
      const perSecond = rate()
      const part = piece.subarray(at, at + Math.max(LEAST, Math.floor((perSecond * TICK) / 1000)))
      at += part.length
      yield part
      // What was not used while the sender was slow is not saved up.
      due = Math.max(due, clock.now()) + (part.length / perSecond) * 1000
      const early = due - clock.now()
      if (early > 1) await clock.sleep(early)
    }
  }
}
