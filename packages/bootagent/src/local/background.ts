import { spawn } from 'node:child_process'
import process from 'node:process'
import { BootAgentError } from '../errors.ts'
import type { Options } from './options.ts'

/**
 * Starts BootAgent in a session of its own and waits until it is in control, so that success here means it works, and a failure
 * is seen by whoever typed the command. Resolves with the exit code.
 */
export async function runInBackground(options: Options, main: string | undefined): Promise<number> {
  if (options.log === undefined) {
    throw new BootAgentError(
      'usage',
      'in the background the log needs a file: give one with -L FILE, or stay in the foreground with -f',
    )
  }
  const again = main === undefined ? [] : [...process.execArgv, main]
  const daemon = spawn(process.execPath, [...again, ...process.argv.slice(2), '--foreground'], {
    detached: true,
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const code = await new Promise<number>((resolve, reject) => {
    daemon.once('message', () => resolve(0))
    daemon.once('error', reject)
    daemon.once('exit', (status) => resolve(status ?? 1))
  })
  if (code === 0) process.stdout.write(`${daemon.pid}\n`)
  if (daemon.connected) daemon.disconnect()
  daemon.unref()
  return code
}
