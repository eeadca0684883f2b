import { type FileLock, lockFile, RuntimeError } from '@bootagent/runtime'
import { BootAgentError } from '../errors.ts'
import type { Paths } from '../state/paths.ts'

/**
 * Takes the home for this process, and the run directory with it: two homes with one run directory would end each other's agents.
 * Throws `already-running` when another BootAgent has either.
 */
export function lockHome(paths: Paths): FileLock {
  const home = take(paths.lock, `another BootAgent runs on ${paths.home}; stop it first, or give this one a --home of its own`)
  try {
    const run = take(runLockOf(paths), `another BootAgent runs in ${paths.run}; give this one a --run of its own`)
    return {
      release() {
        run.release()
        home.release()
      },
    }
  } catch (error) {
    home.release()
    throw error
  }
}

/** The lock that keeps two homes from sharing a run directory. */
export function runLockOf({ run }: Paths): string {
  return `${run}/lock`
}

function take(path: string, told: string): FileLock {
  try {
    return lockFile(path)
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
    throw error.code === 'locked'
      ? new BootAgentError('already-running', told, error)
      : new BootAgentError('home-unusable', error.message, error)
  }
}
