import { constants } from 'node:os'
import { type AgentRecord, changeAgent, type ExitRecord, type Reducer } from '../state/metafile-schema.ts'
import { type Attempt, spreadOf } from './attempt.ts'
import { causeOf, START_FAILURES } from './cause-of.ts'
import { startedAt } from './process-identity.ts'
import { type Ending, judgeExit, policyFor, type RestartPolicy } from './restart-policy.ts'

/** The last moment at which an attempt's main process was seen alive: seconds since boot. */
export interface LastSeen {
  readonly attempt: string
  readonly at: number
}

/** What is known of an attempt's end besides what its directory tells. */
export interface EndWitness {
  readonly seen: LastSeen | undefined
  /** Seconds since boot. */
  readonly now: number
  /** Processes of the attempt that the kernel killed at its memory limit. */
  readonly oomKills?: number | undefined
  /** It was seen to be its program. */
  readonly became: boolean
}

/** How an attempt ended. What nobody saw is left open: such a process is only known to have lived until it was last seen. */
export function endingOf(attempt: Attempt, witness: EndWitness): Ending {
  const { forced, refused } = attempt
  // What was marked with a cause of ours nobody had asked for.
  const requested = attempt.stopping && forced === undefined
  const status = attempt.exit === undefined ? {} : readStatus(attempt.exit.status)
  const times = timesOf(attempt, witness)
  const became = refused === undefined && attempt.main !== undefined && (witness.became || times.lived > LONGEST_BECOMING)
  const cause = causeOf({ requested, ...status, forced: forced?.cause, oomKills: witness.oomKills, became })
  const detail = cause === 'start-failed' ? (refused ?? START_FAILURES[status.code ?? 0]) : forced?.detail
  return {
    requested,
    ...status,
    ...(cause === undefined ? {} : { cause }),
    ...(detail === undefined ? {} : { detail }),
    ...(forced === undefined ? {} : { forced: true }),
    ...times,
    spread: spreadOf(attempt.id),
  }
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

/** Whether a start by the policy now follows a failure of the same release. After a reboot it follows that, whatever was before. */
export function followsFailure({ exits, release }: AgentRecord, bootid: string): boolean {
  const exit = exits.at(-1)
  return exit?.abnormal === true && exit.release === release && exit.bootid === bootid
}

/**
 * Notes that the policy has started an agent again after a failure: `count` is the number of such starts with this one, so that
 * the change made twice is as if made once.
 */
export function countRestart(name: string, count: number): Reducer {
  return changeAgent(name, (agent) => ({ ...agent, restarts: Math.max(agent.restarts, count) }))
}

const EXITS_KEPT = 5
/** Seconds. What nobody saw become its program, and did not end before, was its program: a shell says at once that it cannot. */
const LONGEST_BECOMING = 10
const SIGNALS = Object.entries(constants.signals)

function timesOf(attempt: Attempt, { seen, now }: EndWitness): Pick<Ending, 'lived' | 'at'> {
  const origin = attempt.main ?? attempt.shim
  const since = (at: number) => (origin === undefined ? 0 : Math.max(0, at - startedAt(origin)))
  if (attempt.exit === undefined) return { lived: seen?.attempt === attempt.id ? since(seen.at) : 0, at: now }
  // Whatever stands there, it has ended by now: an absurd time must not put the restart off for ever.
  const at = Math.min(attempt.exit.at, now)
  return { lived: since(at), at }
}

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
    ...(abnormal && ending.cause !== undefined ? { cause: ending.cause } : {}),
    ...(abnormal && ending.detail !== undefined ? { detail: ending.detail } : {}),
  }
  // The strikes are those of the release that is to run: what another one did is not held against it.
  if (attempt.release !== agent.release) return { exit, strikes: agent.strikes, fatal: agent.fatal }
  return { exit, strikes, fatal: agent.fatal || verdict.kind === 'fatal' }
}
