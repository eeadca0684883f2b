import { systemClock } from '@bootagent/runtime'
import { sayAside } from './say.ts'

/** Waiting for what no event tells: it is looked for, again and again. */
export interface Awaited<Value> {
  /** Undefined while it is not so. */
  readonly look: () => Promise<Value | undefined>
  /** What is waited for, as the end of a sentence; said when it has lasted a while, and again when it has become another. */
  readonly waitingFor: () => string | Promise<string>
  /** Seconds; without it there is no end. */
  readonly within?: number
}

/** Resolves with what came, or with undefined when its time was over. */
export async function awaitChange<Value>({ look, waitingFor, within }: Awaited<Value>): Promise<Value | undefined> {
  const since = systemClock.uptime()
  let [told, quietSince] = ['', since]
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    const now = systemClock.uptime()
    if (within !== undefined && now - since >= within) return undefined
    if (now - quietSince >= QUIET) {
      quietSince = now
      const line = await waitingFor()
      if (line !== told) sayAside(`waiting; ${line}`)
      told = line
    }
    await systemClock.sleep(PAUSE, NEVER)
  }
}

/** Seconds until a word is said, and between two. */
const QUIET = 2
/** Milliseconds between two looks. */
const PAUSE = 100
const NEVER = new AbortController().signal
