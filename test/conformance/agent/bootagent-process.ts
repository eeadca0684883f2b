import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { endOf } from '../end-of.ts'

/** A running BootAgent, whoever made it. */
export interface BootagentProcess {
  /** Resolves when it has ended, to how. */
  readonly ended: Promise<string>
  /** Kill -9, and gone. */
  kill(): Promise<void>
}

/** Starts it; what it says goes to the file `output`. Its end says what it said last. */
export function startBootagent([program, ...args]: readonly [string, ...string[]], output: string): BootagentProcess {
  const descriptor = openSync(output, 'a')
  const child = spawn(program, args, { stdio: ['ignore', descriptor, descriptor] })
  closeSync(descriptor)
  const ended = endOf(child).then((how) => `the BootAgent ended (${how}); it said: ${readFileSync(output, 'utf8').slice(-500)}`)
  return {
    ended,
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
