import process from 'node:process'
import { StepError } from '../errors.ts'
import { workerIdentity } from './worker-identity.ts'

/**
 * Gives root up for good, and proves it; does nothing for any other user. Throws StepError when root could be had back:
 * better no download than one that is parsed by root.
 */
export function dropPrivileges(): void {
  const identity = workerIdentity()
  if (identity === undefined) return
  try {
    // Groups first: without root they could not be given up.
    process.setgroups?.([])
    process.setgid?.(identity.gid)
    process.setuid?.(identity.uid)
  } catch (error) {
    throw new StepError('internal', `the worker could not become user ${identity.uid}: ${(error as Error).message}`, error)
  }
  const left = [
    process.getuid?.(),
    process.geteuid?.(),
    process.getgid?.(),
    process.getegid?.(),
    ...(process.getgroups?.() ?? []),
  ]
  if (left.includes(0) || canBecomeRoot()) throw new StepError('internal', 'the worker could not give root up for good')
}

function canBecomeRoot(): boolean {
  try {
    process.setuid?.(0)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
    return false
  }
}
