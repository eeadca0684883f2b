/** How far something has come; bytes. */
export type OnProgress = (done: number, total?: number) => void

/** Longest silence in milliseconds, while there is anything to tell. */
const INTERVAL = 250
/** Share of the whole after which it is told at once. */
const SHARE = 0.05

/** Thins out progress: one call in 250 ms goes through, and one for each 5 % of a known total however fast they come. */
export function paceProgress(onProgress: OnProgress, now: () => number): OnProgress {
  let toldAt = now()
  let told = 0
  return (done, total) => {
    const at = now()
    const due = at - toldAt >= INTERVAL || (total !== undefined && done - told >= total * SHARE)
    if (!due) return
    toldAt = at
    told = done
    onProgress(done, total)
  }
}

/** Hands bytes on and says how many there have been. */
export async function* countBytes(
  bytes: AsyncIterable<Buffer>,
  onProgress: OnProgress,
  total?: number,
): AsyncGenerator<Buffer, void> {
  let done = 0
  for await (const piece of bytes) {
    done += piece.length
    onProgress(done, total)
    yield piece
  }
}
