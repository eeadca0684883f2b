/**
 * Anything that runs until it is told to stop. All three may be called twice, in any order, or never:
 * `start` resolves once the thing works, `stop` resolves only when it has ended, `ended` rejects if it ended by a fault.
 */
export interface Service {
  start(): Promise<void>
  stop(): Promise<void>
  readonly ended: Promise<void>
}

/** What a service does: it says when it is ready, works until the signal is aborted, and returns. */
export type Work = (signal: AbortSignal, ready: () => void) => Promise<void>

/** Makes a {@link Service} of a piece of work. A service that has ended stays ended. */
export function createService(work: Work): Service {
  const abort = new AbortController()
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<void>()
  let started = false
  // Nobody is obliged to look at either promise; a fault is still seen by whoever does.
  ready.promise.catch(() => undefined)
  ended.promise.catch(() => undefined)

  async function run(): Promise<void> {
    try {
      if (!abort.signal.aborted) await work(abort.signal, ready.resolve)
      ready.resolve()
      ended.resolve()
    } catch (error) {
      ready.reject(error)
      ended.reject(error)
    }
  }

  return {
    ended: ended.promise,
    start() {
      if (!started) {
        started = true
        void run()
      }
      return ready.promise
    },
    async stop() {
      abort.abort()
      if (!started) {
        started = true
        ready.resolve()
        ended.resolve()
      }
      await ended.promise.catch(() => undefined)
    },
  }
}

/**
 * Starts left to right and stops right to left; as soon as one ends, for whatever reason, all are stopped. It ends by the
 * first fault.
 */
export function runAll(services: readonly Service[]): Service {
  return createService(async (signal, ready) => {
    const firstEnd = Promise.race([whenAborted(signal), ...services.map((service) => service.ended)])
    const ended = new AbortController()
    firstEnd.then(
      () => ended.abort(),
      () => ended.abort(),
    )
    const over = AbortSignal.any([signal, ended.signal])
    const started: Service[] = []
    try {
      for (const service of services) {
        if (over.aborted) break
        started.push(service)
        // A start may wait for long, for a server or a lock; the end of another, or a stop, must not wait for it.
        await Promise.race([service.start(), whenAborted(over)])
      }
      if (!over.aborted) ready()
      await firstEnd
    } finally {
      for (const service of started.toReversed()) await service.stop()
    }
    for (const service of started) await service.ended
  })
}

/** Resolves when the signal is aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
