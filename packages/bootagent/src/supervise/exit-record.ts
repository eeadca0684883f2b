import { constants } from 'node:os'
import { type AgentRecord, changeAgent, type ExitRecord, type Reducer } from '../state/metafile-schema.ts'
import { type Attempt, spreadOf } from './attempt.ts'
import { startedAt } from './process-identity.ts'
import { type Ending, judgeExit, policyFor, type RestartPolicy } from './restart-policy.ts'

/** The last moment at which an attempt's main process was seen alive: seconds since boot. */
export interface LastSeen {
  readonly attempt: string
  readonly at: number
}

/** How an attempt ended. What nobody saw is left open: such a process is only known to have lived until it was last seen. */
export function endingOf(attempt: Attempt, seen: LastSeen | undefined, now: number): Ending {
  const origin = attempt.main ?? attempt.shim
  const known = { requested: attempt.stopping, spread: spreadOf(attempt.id) }
  const since = (at: number) => (origin === undefined ? 0 : Math.max(0, at - startedAt(origin)))
  if (attempt.exit === undefined) return { ...known, lived: seen?.attempt === attempt.id ? since(seen.at) : 0, at: now }
  return { ...known, ...readStatus(attempt.exit.status), lived: since(attempt.exit.at), at: attempt.exit.at }
}

/** A shell tells of signal n as 128 + n; a program may also exit with such a number, and then the two look the same. */
export function readStatus(status: number): Pick<Ending, 'code' | 'signal'> {
  const signal = SIGNALS.find(([, number]) => number === status - 128)
  return signal === undefined ? { code: status } : { signal: signal[0] }
}

/** What an exit is put on record with. */
export interface ExitFacts {
  readonly attempt: Attempt
  readonly ending: Ending
  /** The host's own; the release's settings go over it. */
  readonly policy: RestartPolicy
  /** Unix seconds. */
  readonly time: number
}

/** Puts an exit on record, with the strikes that follow. An exit that is on record already changes nothing. */
export function recordExit(name: string, facts: ExitFacts): Reducer {
  return (metafile) => {
    const agent = metafile.agents[name]
    if (agent === undefined || isOnRecord(agent, facts.attempt)) return metafile
    const { exit, strikes, fatal } = judge(agent, facts)
    return changeAgent(name, (before) => ({ ...before, strikes, fatal, exits: [...before.exits, exit].slice(-EXITS_KEPT) }))(
      metafile,
    )
  }
}

/** Whether the attempt's exit is the last on record. */
export function isOnRecord(agent: AgentRecord, attempt: Attempt): boolean {
  return agent.exits.at(-1)?.attempt === attempt.id
}

const EXITS_KEPT = 5
const SIGNALS = Object.entries(constants.signals)

function judge(agent: AgentRecord, facts: ExitFacts): { exit: ExitRecord; strikes: number; fatal: boolean } {
  const { attempt, ending } = facts
  const policy = policyFor(facts.policy, agent.releases[attempt.release]?.restart ?? {})
  const { abnormal, strikes, verdict } = judgeExit(policy, agent.strikes, ending)
  const exit: ExitRecord = {
    release: attempt.release,
    attempt: attempt.id,
    ...(ending.code === undefined ? {} : { code: ending.code }),
    ...(ending.signal === undefined ? {} : { signal: ending.signal }),
    lived: ending.lived,
    at: ending.at,
    bootid: attempt.boot,
    time: facts.time,
    abnormal,
  }
  // The strikes are those of the release that is to run: what another one did is not held against it.
  if (attempt.release !== agent.release) return { exit, strikes: agent.strikes, fatal: agent.fatal }
  return { exit, strikes, fatal: agent.fatal || verdict.kind === 'fatal' }
}
