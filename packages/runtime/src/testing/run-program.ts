import { spawn } from 'node:child_process'
import process from 'node:process'
import { text } from 'node:stream/consumers'

/** How a program ended, and what it said. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end, in this process's own environment with `env` added. */
export async function runProgram(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<Ending> {
  const [program, ...args] = command
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
  const ended = new Promise<Pick<Ending, 'code' | 'signal'>>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal }))
  })
  const [ending, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { ...ending, stdout, stderr }
}
