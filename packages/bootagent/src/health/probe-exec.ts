import { type ChildProcess, spawn } from 'node:child_process'
import process from 'node:process'
import { whenAborted } from '@bootagent/runtime'
import { findingOf } from './finding-of.ts'
import type { Finding, HealthOf, ProbeSubject } from './probe.ts'

/** Runs a program of the release as a check. */
export type ExecProbe = (health: HealthOf<'exec'>, subject: ProbeSubject, signal: AbortSignal) => Promise<Finding>

/**
 * Makes a probe that remembers what it has killed: while a check of an attempt is still there, because the kernel cannot end it
 * yet, the next one waits for its end and is not started beside it.
 */
export function createExecProbe(): ExecProbe {
  const killed = new Map<string, Promise<unknown>>()
  return async (health, subject, signal) => {
    await Promise.race([killed.get(subject.directory), whenAborted(signal)])
    if (signal.aborted) return undefined
    const check = start(health, subject)
    if ('finding' in check) return check.finding
    const ended = endOf(check.child)
    const finding = await Promise.race([ended, whenAborted(signal)])
    if (finding !== undefined) return finding
    killGroup(check.child)
    killed.set(subject.directory, ended)
    void ended.then(() => killed.delete(subject.directory))
    return undefined
  }
}

type Started = { readonly child: ChildProcess } | { readonly finding: Finding }

function start({ exec, args = [] }: HealthOf<'exec'>, { prefix, release, data, environment }: ProbeSubject): Started {
  const [command = '', ...rest] = [...prefix, `${release}/${exec}`, ...args]
  try {
    // A group of its own, so that one signal also reaches what it starts.
    const child = spawn(command, rest, { cwd: data, env: environment, detached: true, stdio: 'ignore' })
    // What not even KILL ends must not keep this process.
    child.unref()
    return { child }
  } catch (error) {
    // What node thinks of the arguments, and some of what the system says, comes at once and not by an event.
    if (!isRefusal(error)) throw error
    return { finding: notStarted(error) }
  }
}

function isRefusal(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && ('syscall' in error || (error as NodeJS.ErrnoException).code === 'ERR_INVALID_ARG_VALUE')
}

function endOf(child: ChildProcess): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>()
  child.once('error', (error) => resolve(notStarted(error)))
  child.once('exit', (code, signal) => resolve(findingOn(code, signal)))
  return promise
}

function findingOn(code: number | null, signal: NodeJS.Signals | null): Finding {
  if (code === 0) return { ok: true }
  return { ok: false, said: signal === null ? `ended with exit code ${code}` : `was ended by ${signal}` }
}

const SAID: Readonly<Record<string, string>> = {
  ENOENT: 'cannot be started: the program, or what it needs to run, is missing',
  EACCES: 'cannot be started: the program is not executable',
}

function notStarted(error: NodeJS.ErrnoException): Finding {
  return findingOf(error, SAID[error.code ?? ''] ?? `cannot be started (${error.code ?? error.message})`)
}

function killGroup({ pid, exitCode, signalCode }: ChildProcess): void {
  // Once it has been waited for, its number may be another's.
  if (pid === undefined || exitCode !== null || signalCode !== null) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    if (!UNREACHABLE.includes((error as NodeJS.ErrnoException).code)) throw error
  }
}

/** Gone by itself; or, when we are not root, another user's by a set-user-id program. Either way its end is waited for. */
const UNREACHABLE: readonly (string | undefined)[] = ['ESRCH', 'EPERM']
