import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import type { History } from './history/deed.ts'
import type { Failure, PlayOptions } from './play-seeds.ts'
import { simulateNode } from './simulated-node.ts'

/** What a player is asked for, one thing at a time, and answers. */
export type Request =
  | { readonly kind: 'seeds'; readonly seeds: readonly number[] }
  | { readonly kind: 'smallest'; readonly failure: Failure }
  /** The history of a seed. */
  | { readonly kind: 'one'; readonly seed: number }
  /** One history as it stands, whatever its seed would draw. */
  | { readonly kind: 'history'; readonly history: History }

/** A thread that plays histories: a world of its own, with Node's disk replaced before anything of the product is loaded. */
if (!isMainThread) {
  simulateNode()
  // Where an error came from is never asked here, and costs more than all else about it.
  Error.stackTraceLimit = 0
  const { playHistory, playOne, playSeeds, playSmallest } = await import('./play-seeds.ts')
  const options = workerData as PlayOptions
  const play = (request: Request): Promise<unknown> => {
    switch (request.kind) {
      case 'seeds':
        return playSeeds(request.seeds, options)
      case 'smallest':
        return playSmallest(request.failure, options)
      case 'one':
        return playOne(request.seed, {}, options)
      case 'history':
        return playHistory(request.history, options)
    }
  }
  parentPort?.on('message', (request: Request) => {
    play(request).then(
      (value) => parentPort?.postMessage({ value }),
      (error: unknown) =>
        parentPort?.postMessage({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
    )
  })
}
