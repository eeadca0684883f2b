import { execFile } from 'node:child_process'
import process from 'node:process'
import type { Log } from '@bootagent/runtime'
import { findHostProgram } from '../../limits/systemd-scope.ts'

const WORDS = { ready: 'READY=1', stopping: 'STOPPING=1' } as const

/**
 * Tells whoever started this program as a service how it is with it (sd_notify(3)); by systemd's own program, for Node has no datagram
 * sockets of that kind. Does nothing where nobody asked for it. Resolves when it is told, or could not be.
 */
export function notifySystemd(word: keyof typeof WORDS, log: Log): Promise<void> {
  const program = process.env['NOTIFY_SOCKET'] === undefined ? undefined : findHostProgram('systemd-notify')
  if (program === undefined) return Promise.resolve()
  return new Promise((resolve) => {
    // As words of the protocol: `--stopping` is of systemd 253.
    execFile(program, [WORDS[word]], { timeout: 10_000 }, (error) => {
      if (error !== null) log.warn({ err: error }, 'systemd cannot be told how it is with this service')
      resolve()
    })
  })
}
