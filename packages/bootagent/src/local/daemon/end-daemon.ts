import process from 'node:process'
import type { End } from '../../control/routes.ts'
import { BootAgentError } from '../../errors.ts'
import type { Paths } from '../../state/paths.ts'
import { findAlive, isAlive, type ProcessIdentity, readStat } from '../../supervise/process-identity.ts'
import { askDaemon } from '../ask-daemon.ts'
import { awaitChange } from './await-change.ts'
import { findGuard } from './find-guard.ts'
import { isProvenOurs, lookAtDaemon } from './look-at-daemon.ts'
import { sayAside } from './say.ts'

/** How one is to be ended. */
export interface Ending {
  readonly how: Exclude<End, 'restart'>
  /** The end of a sentence, for while it lasts. */
  readonly waitingFor: () => Promise<string>
  /** Seconds from TERM to KILL, for one that gives no answer; 20. */
  readonly grace?: number
}

/**
 * Ends the BootAgent of a home: by asking it; one that gives no answer by TERM, then by KILL, and only while it is proven to hold the lock. Resolves
 * with the processes that were ended, when none holds the home and no guard is left to start another. Throws `not-done`.
 */
export async function endDaemon(paths: Paths, ending: Ending): Promise<number[]> {
  const sight = await lookAtDaemon(paths)
  if (sight.kind === 'none') return endLoneGuard(paths)
  if (sight.kind === 'silent') return endSilent(paths, sight.holder, { why: sight.why, ...ending })
  const { daemon } = sight
  if (!(await ask(paths, ending.how))) return endSilent(paths, daemon.process, { why: 'it gave no answer', ...ending })
  // Each agent has a time of its own to end.
  const within = ending.how === 'drain' ? undefined : WORK_ENDS
  if (!(await awaitFree(paths, daemon.process, { waitingFor: ending.waitingFor, within })))
    return endSilent(paths, daemon.process, { why: 'it was asked to end and has not', ...ending })
  await awaitGone(daemon.pid)
  await awaitGone(daemon.guard)
  return [daemon.pid]
}

/** Seconds. One that begins or ends answers nobody for a while: then TERM is as good as a request. */
const GRACE = 20
/** What is under way is cut short, or comes to its end. */
const WORK_ENDS = 60
/** From the end of its work to the end of the process, and of its guard. */
const LAST_STEPS = 5

/** False when it did not take the request, or has not said so. */
async function ask({ control }: Paths, how: End): Promise<boolean> {
  try {
    return (await askDaemon(control, { method: 'POST', path: `/${how}`, patience: 5000 })).kind === 'answer'
  } catch (error) {
    if (error instanceof BootAgentError) return false
    throw error
  }
}

/** It may be killed at any instruction. Its guard is told first, which would start another. */
async function endSilent(
  paths: Paths,
  holder: ProcessIdentity,
  { why, grace = GRACE }: { readonly why: string; readonly grace?: number },
): Promise<number[]> {
  sayAside(`process ${holder.pid} holds ${paths.home}, and gives no answer (${why}): it is sent TERM`)
  const guard = findGuard(paths.home)
  if (guard !== undefined) send(guard, 'SIGTERM')
  signalHolder(paths, holder, 'SIGTERM')
  // One that is stopped would hear it only when it goes on.
  signalHolder(paths, holder, 'SIGCONT')
  const still = () => `process ${holder.pid} has not ended yet${stateOf(holder)}`
  if (!(await awaitFree(paths, holder, { waitingFor: still, within: grace }))) {
    sayAside(`process ${holder.pid} has not ended after ${grace} s: it is killed; its agents go on`)
    signalHolder(paths, holder, 'SIGKILL')
    if (!(await awaitFree(paths, holder, { waitingFor: still, within: GRACE })))
      throw new BootAgentError('not-done', `process ${holder.pid} does not end by KILL${stateOf(holder)}`)
  }
  await awaitGone(holder.pid)
  await awaitGone(guard?.pid)
  return [holder.pid]
}

/** Who signals must have just seen that it is ours. A process that has let go of the home is nobody's to end. */
function signalHolder(paths: Paths, holder: ProcessIdentity, signal: NodeJS.Signals): void {
  if (isProvenOurs(paths, holder)) send(holder, signal)
}

/** To that very process, if it lives. Throws `not-done` when it is not ours to signal. */
export function send(it: ProcessIdentity, signal: NodeJS.Signals): void {
  if (findAlive(it) === undefined) return
  try {
    process.kill(it.pid, signal)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPERM') throw new BootAgentError('not-done', `process ${it.pid} is not yours to signal: be root`, error)
    if (code !== 'ESRCH') throw error
  }
}

/** Between two BootAgents there is but the guard. It hears when its pause is over. */
async function endLoneGuard(paths: Paths): Promise<number[]> {
  const guard = findGuard(paths.home)
  if (guard === undefined) return []
  send(guard, 'SIGTERM')
  if (await awaitEnd(guard, { waitingFor: () => `the guard, process ${guard.pid}, has not ended yet`, within: GRACE }))
    return [guard.pid]
  throw new BootAgentError('not-done', `the guard, process ${guard.pid}, was sent TERM and has not ended`)
}

/** What a wait is like. */
interface Wait {
  readonly waitingFor: () => string | Promise<string>
  /** Seconds. */
  readonly within: number | undefined
}

/** Until it has let go of the home, by its end or before: then it is nobody's to wait for, or to signal. */
async function awaitFree(paths: Paths, holder: ProcessIdentity, { waitingFor, within }: Wait): Promise<boolean> {
  const look = async () => (isProvenOurs(paths, holder) ? undefined : true)
  return (await awaitChange({ look, waitingFor, ...(within === undefined ? {} : { within }) })) ?? false
}

/** So that a start that follows takes neither for one that keeps the home. */
async function awaitGone(pid: number | undefined): Promise<void> {
  const stat = pid === undefined ? undefined : readStat(pid)
  if (stat === undefined || !isAlive(stat)) return
  await awaitEnd(stat, { waitingFor: () => `process ${stat.pid} has not ended yet`, within: LAST_STEPS })
}

async function awaitEnd(it: ProcessIdentity, { waitingFor, within = LAST_STEPS }: Wait): Promise<boolean> {
  const look = async () => (findAlive(it) === undefined ? true : undefined)
  return (await awaitChange({ look, waitingFor, within })) ?? false
}

function stateOf(it: ProcessIdentity): string {
  const state = findAlive(it)?.state
  return state === 'T' ? ' (it is stopped by a signal)' : state === 'D' ? ' (it waits in the kernel)' : ''
}
