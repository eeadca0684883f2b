import { Worker } from 'node:worker_threads'
import type { History } from './history/deed.ts'
import type { Failure, PlayOptions, SmallFailure, Tally, Told } from './play-seeds.ts'
import type { Request } from './player.ts'

/** Threads that play histories side by side. */
export interface Players {
  /** Plays them all; told after each piece. */
  play(seeds: { readonly from: number; readonly count: number }, onProgress: (tally: Tally) => void): Promise<Tally>
  smallest(failure: Failure): Promise<SmallFailure>
  one(seed: number): Promise<Told>
  history(history: History): Promise<Told>
  close(): Promise<void>
}

/** Seeds that are handed out at once. */
const PIECE = 20
/** Pieces after which a thread gives way to a new one: what waits in a world whose history is over is kept by Node, and adds up. */
const PIECES = 25

const NOTHING: Tally = { played: 0, deeds: 0, steps: 0, seconds: 0, failures: [] }

export function openPlayers(count: number, options: PlayOptions): Players {
  const begin = () => new Worker(new URL('player.ts', import.meta.url), { workerData: options })
  const workers = Array.from({ length: count }, begin)

  function ask<Answer>(worker: Worker, request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      worker.once('error', reject)
      worker.once('message', ({ error, value }: { error?: string; value: Answer }) => {
        worker.off('error', reject)
        if (error === undefined) resolve(value)
        else reject(new Error(error))
      })
      worker.postMessage(request)
    })
  }

  return {
    async play({ from, count: seeds }, onProgress) {
      let next = from
      let total = NOTHING
      await Promise.all(
        workers.keys().map(async (place) => {
          for (let pieces = 1; next < from + seeds; pieces += 1) {
            const first = next
            next = Math.min(next + PIECE, from + seeds)
            const piece = Array.from({ length: next - first }, (_, at) => first + at)
            const tally = await ask<Tally>(workers[place] as Worker, { kind: 'seeds', seeds: piece })
            total = add(total, tally)
            onProgress(total)
            if (pieces % PIECES !== 0) continue
            await workers[place]?.terminate()
            workers[place] = begin()
          }
        }),
      )
      return { ...total, failures: total.failures.toSorted((a, b) => a.seed - b.seed) }
    },
    smallest: (failure) => ask(workers[0] as Worker, { kind: 'smallest', failure }),
    one: (seed) => ask(workers[0] as Worker, { kind: 'one', seed }),
    history: (history) => ask(workers[0] as Worker, { kind: 'history', history }),
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()))
    },
  }
}

function add(a: Tally, b: Tally): Tally {
  return {
    played: a.played + b.played,
    deeds: a.deeds + b.deeds,
    steps: a.steps + b.steps,
    seconds: a.seconds + b.seconds,
    failures: [...a.failures, ...b.failures],
  }
}
