import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const NODE = fileURLToPath(new URL('../../../node_modules/.bin/node', import.meta.url))

/** How a program ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The real program, running. */
export interface SpawnedServer {
  /** What it says it listens on; rejects when it ends before it has said so. */
  readonly url: Promise<string>
  readonly ended: Promise<End>
  kill(signal: NodeJS.Signals): void
}

/** Starts the program with these arguments; it is killed when the test ends. */
export function spawnServer(args: readonly string[], crashAt?: string): SpawnedServer {
  const env = { PATH: process.env['PATH'], ...(crashAt === undefined ? {} : { BOOTAGENT_CRASH_AT: crashAt }) }
  const child = spawn(NODE, [MAIN, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const text = { stdout: '', stderr: '' }
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (text.stderr += chunk))
  const listening = Promise.withResolvers<string>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    text.stdout += `${line}\n`
    const said = line.startsWith('{') ? (JSON.parse(line) as { msg?: string; url?: string }) : {}
    if (said.msg === 'listening' && said.url !== undefined) listening.resolve(said.url)
  })
  const ended = new Promise<End>((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...text })))
  void ended.then(({ stderr }) => listening.reject(new Error(`it ended before it listened: ${stderr}`)))
  // Whoever waits only for the end need not look at this one.
  listening.promise.catch(() => undefined)
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { url: listening.promise, ended, kill: (signal) => child.kill(signal) }
}
