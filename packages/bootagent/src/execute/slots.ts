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

/** One slot a key: pieces of work on one thing run one after another, those on others beside them. */
export interface Turns {
  run<Result>(key: string, work: () => Promise<Result>, signal: AbortSignal): Promise<Result>
}

export function createTurns(): Turns {
  const queues = new Map<string, { readonly slots: Slots; waiting: number }>()
  return {
    async run(key, work, signal) {
      const queue = queues.get(key) ?? { slots: createSlots(1), waiting: 0 }
      queues.set(key, queue)
      queue.waiting += 1
      try {
        return await queue.slots.run(work, signal)
      } finally {
        queue.waiting -= 1
        if (queue.waiting === 0) queues.delete(key)
      }
    },
  }
}
