import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { TAG } from './find-processes.ts'
import { BECOME, SHELL, WAIT } from './shim.ts'

/** All that one start is made of. */
export interface Launch {
  /** The attempt's directory: it must be there. */
  readonly attempt: string
  /** What becomes the agent: the program by its absolute path with its arguments, behind what gives rights up first. */
  readonly command: readonly string[]
  /** What the shim itself is started behind; as a rule nothing. */
  readonly wrap: readonly string[]
  /** Octal. */
  readonly umask: string
  readonly openFiles: number | undefined
  /** The whole environment: nothing of ours is inherited. */
  readonly environment: Readonly<Record<string, string>>
  /** Its working directory. */
  readonly directory: string
  /** The descriptor of what {@link openOutput} has opened; stays ours to close. */
  readonly output: number
}

/** Opens the file to which an agent's stdout and stderr are appended. O_APPEND, so that a log that was cut short goes on at its new end. */
export function openOutput(path: string): Promise<FileHandle> {
  const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants
  return open(path, O_APPEND | O_CREAT | O_NOFOLLOW | O_WRONLY, 0o640)
}

/**
 * Starts the shim in a session of its own and lets go of it. Rejects with the system's error when it cannot be started.
 *
 * No pipes: an agent that writes into one dies with the BootAgent at its other end, and stands still when that is slow.
 */
export async function spawnShim(launch: Launch): Promise<void> {
  const told = [launch.umask, String(launch.openFiles ?? '')]
  const shell = [SHELL, '-c', WAIT, 'bootagent-shim', launch.attempt, BECOME, ...told, ...launch.command]
  const [program = SHELL, ...args] = [...launch.wrap, ...shell]
  const shim = spawn(program, args, {
    detached: true,
    cwd: launch.directory,
    env: { ...launch.environment, [TAG]: launch.attempt },
    stdio: ['ignore', launch.output, launch.output],
  })
  shim.unref()
  await once(shim, 'spawn')
}

/** Names a shell does not pass on to what it becomes: a variable of a shell is letters, digits and `_`. */
export function namesLost(environment: Readonly<Record<string, string>>): string[] {
  return Object.keys(environment).filter((name) => !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
}
