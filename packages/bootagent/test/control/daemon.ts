import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import { type Program, startProgram } from '../../../../scripts/demo/program.ts'
import { createHost, installAgents, type TestAgent, type TestHost } from '../supervise/host.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const MAIN = join(ROOT, 'packages/bootagent/src/main.ts')

/** What sets a host of these tests apart. */
export interface HostLike {
  readonly server?: string
  /** Over the local configuration of all. */
  readonly config?: object
}

/** A host with these agents and a server, which nobody listens at unless a test names one. */
export function createHostWith(
  agents: Readonly<Record<string, TestAgent>>,
  { server = 'http://127.0.0.1:9', config = {} }: HostLike = {},
): TestHost {
  const host = createHost()
  onTestFinished(() => host.remove())
  writeFileSync(host.paths.metafile, JSON.stringify({ ...installAgents(host, agents), svrlist: server, step: 0.2 }))
  writeFileSync(configOf(host), JSON.stringify({ stepMin: 0.1, retry: 0.2, gap: 0.05, restart: { grace: 5 }, ...config }))
  return host
}

/** Starts the real program; resolves when it is in control, or has died on the way there. */
export async function startBootAgent(host: TestHost, env: Readonly<Record<string, string>> = {}): Promise<Program> {
  const daemon = startProgram('bootagent', {
    command: process.execPath,
    args: [MAIN, '-f', '--home', host.paths.home, '--run', host.paths.run, '-c', configOf(host)],
    cwd: ROOT,
    output: `${host.root}/daemon.log`,
    env: environment(env),
  })
  onTestFinished(() => daemon.stop('SIGKILL'))
  await Promise.race([daemon.line(({ kind }) => kind === 'in-control'), daemon.ended])
  return daemon
}

/** What somebody typed came to. */
export interface Typed {
  readonly code: number | null
  readonly data: string
  readonly talk: string
}

/** What an operator types at the host. */
export async function bootagent(host: TestHost, ...args: string[]): Promise<Typed> {
  const child = spawn(process.execPath, [MAIN, ...args, '--home', host.paths.home, '--run', host.paths.run], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: ROOT,
    env: environment({}),
  })
  const exited = once(child, 'exit')
  const [data, talk] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await exited) as [number | null]
  return { code, data, talk }
}

/** Asks on a unix socket as any program would. */
export function ask(socketPath: string, method: string, path: string): Promise<{ status: number; body: string; type: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path }, async (response) => {
      resolve({ status: response.statusCode ?? 0, body: await text(response), type: response.headers['content-type'] ?? '' })
    })
    asked.once('error', reject)
    asked.end()
  })
}

/** A port of this host that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function configOf({ root }: TestHost): string {
  return `${root}/config.json`
}

function environment(more: Readonly<Record<string, string>>): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '', ...more }
}
