import process from 'node:process'
import { type Clock, crashPoint } from '@bootagent/runtime'
import { markStopping } from './attempt.ts'
import type { Sighting } from './find-processes.ts'
import { kernelPause } from './kernel-pause.ts'
import { type AttemptsPlace, findKin, isAttended, type Look } from './look.ts'
import { findAlive, type ProcessIdentity } from './process-identity.ts'

/** How an agent's processes are to be ended. */
export interface EndRequest {
  readonly place: AttemptsPlace
  /** Seconds from TERM to KILL. */
  readonly grace: number
  readonly clock: Clock
  /** Ends the waiting, and nothing else. */
  readonly signal: AbortSignal
}

/** `stuck` names what is still there. */
export type EndOutcome =
  | { readonly kind: 'ended' }
  | { readonly kind: 'stuck'; readonly pids: readonly number[]; readonly why: string }

/** About five seconds of KILL; a process that is still there then waits in the kernel. */
const ROUNDS = 55
/** Scans without any process that must follow each other: one alone may have missed a child of a process that was just dying. */
const EMPTY_SCANS = 2
/** A shim whose agent is gone needs a moment to say how; after so many rounds it is killed as well. */
const ROUNDS_FOR_SHIM = 10

const STUCK = 'they are still there after KILL: they wait in the kernel, or are not ours to signal'

/**
 * Ends every process of an agent. First it is put down that this was asked for. Then TERM, to the main process alone: it knows in
 * which order its own are to go. Once it is gone, or its grace is over, KILL to all, until none is found.
 */
export async function endAgent(request: EndRequest, { attempt, main, sight }: Look): Promise<EndOutcome> {
  if (attempt !== undefined && sight !== 'remains' && !attempt.stopping) markStopping(attempt)
  crashPoint('stop:before-term')
  if (main !== undefined) await askToEnd(main, request)
  if (request.signal.aborted) return { kind: 'stuck', pids: pidsOf(findKin(request.place)), why: 'BootAgent is being stopped' }
  return await killAll(request.place, attempt !== undefined && isAttended(attempt) ? attempt.shim?.pid : undefined)
}

async function askToEnd(main: ProcessIdentity, { grace, clock, signal }: EndRequest): Promise<void> {
  send(main, 'SIGTERM')
  // A process that is stopped would not hear the other before it goes on.
  send(main, 'SIGCONT')
  crashPoint('stop:termed')
  const patience = new AbortController()
  let over = false
  const lose = () => patience.abort()
  signal.addEventListener('abort', lose)
  const graceOver = clock.sleep(grace * 1000, patience.signal).then(() => {
    over = true
  })
  // Its death is not told to us who are not its parent: it is asked for, which costs 15 µs.
  for (let round = 0; !over && findAlive(main) !== undefined; round += 1) {
    await Promise.race([kernelPause(round), graceOver])
  }
  signal.removeEventListener('abort', lose)
  lose()
}

async function killAll(place: AttemptsPlace, shim: number | undefined): Promise<EndOutcome> {
  let stuck: Sighting[] = []
  for (let round = 0, empty = 0; round < ROUNDS; round += 1) {
    const left = findKin(place)
    empty = left.length === 0 ? empty + 1 : 0
    if (empty === EMPTY_SCANS) {
      crashPoint('stop:killed')
      return { kind: 'ended' }
    }
    const others = left.filter((each) => each.pid !== shim)
    stuck = others.length === 0 && round >= ROUNDS_FOR_SHIM ? left : others
    // The groups first: nothing can fork its way out of them. Then one by one what is in none, as the shim is.
    if (others.length > 0) killGroups(place, shim)
    for (const each of stuck) send(each, 'SIGKILL')
    await kernelPause(round)
  }
  return { kind: 'stuck', pids: pidsOf(stuck), why: STUCK }
}

function killGroups({ agent, driver }: AttemptsPlace, spare: number | undefined): void {
  for (const attempt of driver?.attemptsOf(agent) ?? []) driver?.kill({ agent, attempt }, spare)
}

function pidsOf(processes: readonly Sighting[]): number[] {
  return processes.map((each) => each.pid)
}

/** Proven once more, microseconds before: between a look and a signal a pid can be given to a stranger. */
function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (findAlive(identity) === undefined) return
  try {
    process.kill(identity.pid, signal)
  } catch (error) {
    // Gone already; or a program of another user, which the next scan finds still there.
    if (!['ESRCH', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
