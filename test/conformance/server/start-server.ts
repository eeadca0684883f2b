import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { type CommandTemplate, fillCommand } from '../command.ts'
import { endOf } from '../end-of.ts'
import { ConformanceError } from '../errors.ts'

/** A server that the cases are put to. */
export interface StartedServer {
  readonly url: string
  /** Ends it, if it was started for the cases, and removes its data. */
  stop(): Promise<void>
}

/** How long a server may take to end once it is told to, in milliseconds. */
const GRACE = 10_000

/**
 * Starts a server by a command, in which `{data}` is an empty directory; it listens where the first address it prints says. Throws
 * when it has printed none after `patience` milliseconds.
 */
export async function startServer(command: CommandTemplate, patience: number): Promise<StartedServer> {
  const data = await mkdtemp(join(tmpdir(), 'conformance-server-'))
  const [program, ...args] = fillCommand(command, { data })
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = endOf(server)
  async function stop(): Promise<void> {
    server.kill('SIGTERM')
    const late = setTimeout(() => server.kill('SIGKILL'), GRACE)
    await ended
    clearTimeout(late)
    await rm(data, { recursive: true, force: true })
  }
  const before = 'before it said where it listens'
  const died = ended.then((how) => Promise.reject(new ConformanceError('no-peer', `the server ended (${how}) ${before}`)))
  const slow = once(AbortSignal.timeout(patience), 'abort').then(() =>
    Promise.reject(new ConformanceError('no-peer', `${patience / 1000} s have passed ${before}`)),
  )
  // Both come about in the end, when nobody looks any more.
  for (const late of [died, slow]) late.catch(() => undefined)
  try {
    return { url: await Promise.race([addressIn(server.stdout), died, slow]), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Reads on to the end: a server whose output nobody takes would stand still. */
function addressIn(output: Readable): Promise<string> {
  return new Promise((resolve) => {
    createInterface(output).on('line', (line) => {
      const [found] = /https?:\/\/[^\s"'/]+:\d+/.exec(line) ?? []
      if (found !== undefined) resolve(found)
    })
  })
}
