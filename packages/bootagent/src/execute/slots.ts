/** Lets a bounded number of pieces of work run at once; the others wait in order. */
export interface Slots {
  /** Throws the signal's reason when that is aborted before the work's turn has come; the work itself is not cut short. */
  run<Result>(work: () => Promise<Result>, signal: AbortSignal): Promise<Result>
}

/** Opens `count` slots. */
export function createSlots(count: number): Slots {
  const waiting = new Set<() => void>()
  let free = count

  function take(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      if (free > 0) {
        free -= 1
        return resolve()
      }
      const leave = () => {
        waiting.delete(turn)
        reject(signal.reason as Error)
      }
      const turn = () => {
        waiting.delete(turn)
        signal.removeEventListener('abort', leave)
        resolve()
      }
      waiting.add(turn)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  function give(): void {
    const [next] = waiting
    if (next === undefined) free += 1
    else next()
  }

  return {
    async run(work, signal) {
      await take(signal)
      try {
        return await work()
      } finally {
        give()
      }
    },
  }
}
