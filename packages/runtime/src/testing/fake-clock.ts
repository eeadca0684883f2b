import type { Clock } from '../clock.ts'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /** Moves both clocks on, waking sleepers in the order of their times; each gets to run before the next is woken. */
  advance(ms: number): Promise<void>
  /** Steps the wall clock alone, as a bad time server would. */
  step(ms: number): void
  /** Resolves when at least `count` sleepers wait: the sign that the code under test has come to rest. */
  sleeping(count?: number): Promise<void>
}

interface Sleeper {
  readonly at: number
  readonly wake: (elapsed: boolean) => void
}

/** Starts at the given wall time (ms since 1970), 1,000 s after boot. */
export function createFakeClock(wall = Date.UTC(2026, 0, 1)): FakeClock {
  const sleepers = new Set<Sleeper>()
  const watchers = new Set<{ count: number; resolve: () => void }>()
  let passed = 0
  let stepped = 0

  function tellWatchers(): void {
    for (const watcher of watchers) {
      if (sleepers.size < watcher.count) continue
      watchers.delete(watcher)
      watcher.resolve()
    }
  }

  return {
    now: () => wall + passed + stepped,
    uptime: () => 1000 + passed / 1000,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal?.aborted) return resolve(false)
        const wake = (elapsed: boolean) => {
          sleepers.delete(sleeper)
          signal?.removeEventListener('abort', interrupt)
          resolve(elapsed)
        }
        const interrupt = () => wake(false)
        const sleeper: Sleeper = { at: passed + Math.max(0, ms), wake }
        signal?.addEventListener('abort', interrupt)
        sleepers.add(sleeper)
        tellWatchers()
      })
    },
    async advance(ms) {
      const target = passed + ms
      for (;;) {
        const due = [...sleepers].filter((each) => each.at <= target).toSorted((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        passed = Math.max(passed, due.at)
        due.wake(true)
        await turn()
      }
      passed = target
      await turn()
    },
    step(ms) {
      stepped += ms
    },
    sleeping(count = 1) {
      return new Promise((resolve) => {
        watchers.add({ count, resolve })
        tellWatchers()
      })
    },
  }
}

/** Lets everything that was woken run until it waits for the world again. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
