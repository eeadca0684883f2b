/** Wakes a loop that rests. A ring while nobody waits is kept for the next to wait; ten rings are one. */
export interface Doorbell {
  ring(): void
  /** Resolves at a ring, or when the signal is aborted. */
  wait(signal: AbortSignal): Promise<void>
}

export function createDoorbell(): Doorbell {
  let rung = false
  let open: (() => void) | undefined
  return {
    ring() {
      if (open === undefined) rung = true
      else open()
    },
    wait(signal) {
      return new Promise((resolve) => {
        if (rung || signal.aborted) {
          rung = false
          return resolve()
        }
        const done = () => {
          open = undefined
          signal.removeEventListener('abort', done)
          resolve()
        }
        open = done
        signal.addEventListener('abort', done)
      })
    },
  }
}
