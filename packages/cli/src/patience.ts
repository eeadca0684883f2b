import { CliError } from './errors.ts'
import type { Session } from './session.ts'

/** A server that is being restarted is waited for this long. */
const ABSENCE_MS = 120_000

/** Asks a server that may be away for a while: undefined while there is no answer to be had. Throws CliError when that lasts too long. */
export type Patiently = <T>(ask: () => Promise<T>) => Promise<T | undefined>

/** The patience of one command that asks again and again. */
export function createPatience({ clock, output }: Session): Patiently {
  let absentSince: number | undefined

  function bear(error: unknown): undefined {
    if (!(error instanceof CliError) || !BEARABLE.includes(error.code)) throw error
    if (error.code === 'interrupted') return
    if (absentSince === undefined) output.warn(`${error.message}; still trying`)
    absentSince ??= clock.now()
    if (clock.now() - absentSince >= ABSENCE_MS) throw error
  }

  return async (ask) => {
    const answer = await ask().catch(bear)
    if (answer !== undefined) absentSince = undefined
    return answer
  }
}

/** An interrupt is noticed by the sleep that follows, which knows what to say. */
const BEARABLE: readonly string[] = ['unreachable', 'busy', 'interrupted']
