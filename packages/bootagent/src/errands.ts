import type { Walk } from './walk.ts'
import { owed } from './job/outbox.ts'
import { nextErrand } from './remote/pace.ts'

/** Brings results to the servers that asked for them, when others have answered in their place (ADR 0045). */
export interface Errands {
  /** Goes to one server that is owed something and is not resting; does nothing when there is none. */
  run(walk: Walk, signal: AbortSignal): Promise<void>
}

export function createErrands(): Errands {
  /** Of servers that did not answer. In memory: after a start of ours each is tried again at once. */
  const resting = new Map<string, { readonly failures: number; readonly until: number }>()

  return {
    async run({ tools, conversation, clock, pace, announce }, signal) {
      const now = clock.uptime()
      const due = [...owed(tools.metafile.read())].find(([server]) => (resting.get(server)?.until ?? 0) <= now)
      if (due === undefined) return
      const [server, results] = due
      const told = await conversation.tellOwed(server, results, signal)
      if (signal.aborted) return
      announce({ kind: told ? 'told-owed' : 'not-told-owed', server, results: results.length })
      const failures = (resting.get(server)?.failures ?? 0) + 1
      if (told) resting.delete(server)
      else resting.set(server, { failures, until: clock.uptime() + nextErrand(pace.retry, failures - 1) })
    },
  }
}
