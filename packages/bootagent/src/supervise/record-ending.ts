import { exitEvent, fatalEvent, stuckEvent } from '../event/compose-event.ts'
import { addEvent } from '../state/events.ts'
import type { AgentRecord, ExitRecord, Metafile, Reducer } from '../state/metafile-schema.ts'
import { type ExitFacts, recordExit } from './exit-record.ts'
import { describeEnding, policyFor } from './restart-policy.ts'

/** What an ending is put on record with, and told to the server with. */
export interface EndingFacts extends ExitFacts {
  /** The agent's last lines, fit for an event. */
  readonly tail: readonly string[]
}

/**
 * Puts an exit on record together with the events it gives rise to: in one write, so that no crash leaves one without the other.
 * Made twice it is as if made once.
 */
export function recordEnding(name: string, facts: EndingFacts): Reducer {
  return (metafile) => {
    const recorded = recordExit(name, facts)(metafile)
    const [before, after] = [metafile.agents[name], recorded.agents[name]]
    const exit = after?.exits.at(-1)
    if (recorded === metafile || after === undefined || exit?.abnormal !== true) return recorded
    const told = addEvent(exitEvent({ name, exit, ...counted(after, exit, facts), tail: facts.tail, now: facts.time }))(recorded)
    return before?.fatal === false && after.fatal ? tellFatal(told, { name, after, exit, now: facts.time }) : told
  }
}

/** Notes that an agent's processes do not die; one event an attempt. */
export function recordStuck(told: Parameters<typeof stuckEvent>[0]): Reducer {
  return addEvent(stuckEvent(told))
}

/** Strikes are those of the release that is to run; of another there is nothing to count. */
function counted(agent: AgentRecord, exit: ExitRecord, { policy }: EndingFacts): { strikes?: number; of?: number } {
  if (agent.release !== exit.release || agent.strikes === 0) return {}
  return { strikes: agent.strikes, of: policyFor(policy, agent.releases[exit.release]?.restart ?? {}).strikes }
}

function tellFatal(metafile: Metafile, of: { name: string; after: AgentRecord; exit: ExitRecord; now: number }): Metafile {
  const { name, after, exit, now } = of
  const { attempt } = exit
  return addEvent(fatalEvent({ name, attempt, strikes: after.strikes, reason: describeEnding(exit), now }))(metafile)
}
