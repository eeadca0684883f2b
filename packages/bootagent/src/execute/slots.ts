/** Lets a bounded number of pieces of work run at once; the others wait in order. */
export interface Slots {
  run<Result>(work: () => Promise<Result>): Promise<Result>
}

/** Opens `count` slots. */
export function createSlots(count: number): Slots {
  const waiting: (() => void)[] = []
  let free = count

  async function take(): Promise<void> {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }

  return {
    async run(work) {
      await take()
      try {
        return await work()
      } finally {
        const next = waiting.shift()
        if (next === undefined) free += 1
        else next()
      }
    },
  }
}
