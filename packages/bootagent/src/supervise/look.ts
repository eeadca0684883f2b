import process from 'node:process'
import type { LimitsDriver } from '../limits/driver.ts'
import type { Sight } from './agent-state.ts'
import { type Attempt, readAttempt, readAttempts } from './attempt.ts'
import { type Clan, findRecorded, kin, type Recorded, type Sighting, scanProcesses } from './find-processes.ts'
import { findAlive, type ProcessStat, readProc } from './process-identity.ts'
import { NOT_YET_BECOME } from './shim.ts'

/** Where an agent's attempts lie, the boot in which they mean something, and the groups their processes are in. */
export interface AttemptsPlace {
  readonly directory: string
  readonly bootid: string
  readonly agent: string
  /** Absent where nothing is asked of the kernel but /proc. */
  readonly driver?: LimitsDriver
}

/** What is seen of an agent at one moment. */
export interface Look {
  readonly sight: Sight
  /** The latest attempt of this boot. */
  readonly attempt?: Attempt
  /** Its main process, alive and proven. */
  readonly main?: ProcessStat
}

/** What a look depends on besides what is there. */
export interface LookFor {
  /** Whether the attempt's exit is on record. */
  readonly isRecorded: (attempt: Attempt) => boolean
  /** Whether the attempt's health is asked for, so that it runs only once it was found ready. */
  readonly hasHealth?: (attempt: Attempt) => boolean
  /** Looks at the host's processes; called only when the main process does not answer for the agent. */
  readonly scan?: () => Sighting[]
}

/** Looks at an agent. */
export function lookAt(place: AttemptsPlace, how: LookFor): Look {
  const { isRecorded, scan = scanProcesses } = how
  const attempts = readAttempts(place.directory)
  const first = latest(attempts, place)
  const main = first === undefined ? undefined : findMain(first, clanOf(place, attempts))
  if (first !== undefined && main !== undefined) {
    return { sight: first.stopping ? 'ending' : hasBecome(main) ? aliveOr(first, how) : 'born', attempt: first, main }
  }
  const processes = kin(scan(), clanOf(place, attempts), process.pid)
  // Again, after the processes: a shim writes `exit` before it goes, so one that was not seen has written what it will.
  const attempt = first === undefined ? undefined : readAttempt(first.directory)
  if (attempt === undefined) return { sight: processes.length === 0 ? 'none' : 'remains' }
  return { sight: judge(attempt, processes, isRecorded(attempt)), attempt }
}

function aliveOr(attempt: Attempt, { hasHealth }: LookFor): Sight {
  return hasHealth?.(attempt) === true && !attempt.ready ? 'unready' : 'alive'
}

/** Every living process of the agent, of whichever attempt. */
export function findKin(place: AttemptsPlace, scan = scanProcesses): Sighting[] {
  return kin(scan(), clanOf(place, readAttempts(place.directory)), process.pid)
}

/** The attempt's main process, if it is alive and proven. */
export function findMain(attempt: Attempt, clan: Clan): ProcessStat | undefined {
  const recorded = recordedMain(attempt)
  return recorded === undefined ? undefined : findRecorded(recorded, clan)
}

/** What the attempts of this boot say about the agent's processes; those of another boot are dead by definition. */
export function clanOf(place: AttemptsPlace, attempts: readonly Attempt[]): Clan {
  const valid = attempts.filter((attempt) => attempt.boot === place.bootid)
  const known = [...valid.map(recordedShim), ...valid.map(recordedMain)]
  // The groups are asked only when it is needed: a main process is proven by its session as a rule.
  return { directory: place.directory, known: known.filter((each) => each !== undefined), members: () => membersOf(place) }
}

/** Every process in a group of any of the agent's attempts. */
function membersOf({ agent, driver }: AttemptsPlace): Set<number> {
  const attempts = driver?.attemptsOf(agent) ?? []
  return new Set(attempts.flatMap((attempt) => driver?.processes({ agent, attempt }) ?? []))
}

/** Whether the process is the agent's program already, and not still the shell that is about to become it. */
export function hasBecome(main: ProcessStat): boolean {
  const commandLine = readProc(`/proc/${main.pid}/cmdline`)
  return commandLine !== undefined && !NOT_YET_BECOME.some((beginning) => commandLine.startsWith(beginning))
}

/** Whether somebody still waits for the attempt's program and will say how it ended. */
export function isAttended(attempt: Attempt): boolean {
  return attempt.shim !== undefined && findAlive(attempt.shim) !== undefined
}

function latest(attempts: readonly Attempt[], place: AttemptsPlace): Attempt | undefined {
  return attempts.findLast((attempt) => attempt.boot === place.bootid)
}

function recordedShim({ shim }: Attempt): Recorded | undefined {
  return shim === undefined ? undefined : { identity: shim, shim: shim.pid }
}

function recordedMain({ shim, main }: Attempt): Recorded | undefined {
  return shim === undefined || main === undefined ? undefined : { identity: main, shim: shim.pid }
}

/** For an attempt whose main process is not there. */
function judge(attempt: Attempt, processes: readonly Sighting[], recorded: boolean): Sight {
  const ended = hasEnded(attempt, processes)
  if (ended && !recorded) return 'ended'
  if (processes.length === 0) return 'none'
  if (ended) return 'remains'
  if (attempt.stopping) return 'ending'
  // The agent is gone and its shim about to say so.
  return attempt.main === undefined ? 'born' : 'alive'
}

/** By the shim's word; or without it, when there is no shim that could still give it. */
function hasEnded(attempt: Attempt, processes: readonly Sighting[]): boolean {
  if (attempt.exit !== undefined) return true
  const { shim } = attempt
  if (shim === undefined) return false
  const waits = processes.some((each) => each.pid === shim.pid && each.started === shim.started)
  return !waits && (attempt.main !== undefined || processes.length === 0)
}
