import { spawn } from 'node:child_process'
import { openSync, closeSync } from 'node:fs'
import process from 'node:process'

/** One supervisor on the bench, with agents of its own that sleep, and nothing but files in a directory of its own. */
export interface Contender {
  readonly name: string
  readonly version: string
  /** Every process of it has this in its environment. */
  readonly directory: string
  /** From nothing to all agents running, by its own word. */
  start(): Promise<void>
  /** What its manual says to do so that it can recover; not timed. */
  secure(): Promise<unknown>
  /** After kill -9 of its daemon, what its own manual says, until all agents are running by its own word. */
  recover(): Promise<void>
  /** The daemon's pid. */
  daemon(): number
  /** Resolves when it says that the agent of that number has ended; to be asked before that. */
  noticesEnd(agent: number): Promise<unknown>
  /** The agents' pids that it says are in its hands. */
  inHand(): Promise<readonly number[]>
  close(): Promise<void>
}

/** What a contender is started with. */
export interface Stand {
  /** Empty, and its own. */
  readonly directory: string
  /** How many agents. */
  readonly agents: number
}

/** How a daemon is started. */
interface DaemonStart {
  readonly command: string
  readonly args: readonly string[]
  /** Where everything it says goes. */
  readonly output: string
  readonly env: NodeJS.ProcessEnv
}

/** Starts a daemon in a session of its own, and answers with its pid at once. */
export function startDaemon({ command, args, output, env }: DaemonStart): number {
  const file = openSync(output, 'a')
  try {
    const child = spawn(command, args, { detached: true, env, stdio: ['ignore', file, file] })
    // Reaped when it ends, and not waited for.
    child.unref()
    if (child.pid === undefined) throw new Error(`${command} could not be started`)
    return child.pid
  } finally {
    closeSync(file)
  }
}

/** The same small environment for all: what a daemon keeps of ours would be counted as its own. */
export function environmentOf(directory: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    LANG: 'C.UTF-8',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
  }
}

/** The agents' numbers. */
export function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}

/** What an agent is called; all names are of one length, so that none is the beginning of another. */
export function agentName(number: number): string {
  return `agent-${String(number).padStart(3, '0')}`
}
