import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createServer, DEFAULTS, type ServerConfig } from '../src/index.ts'

/** What a request came to. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  /** The body, read as JSON; undefined when it is none. */
  readonly json: unknown
}

/** A running server and a way to ask it; it is stopped and swept when the test ends. */
export interface RunningServer {
  readonly url: string
  readonly data: string
  /** `body` is sent as JSON unless it is text or bytes already. */
  ask(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
}

/** Starts a server in this process, on a real socket with a real database in a fresh directory. */
export async function startServer(settings: Partial<ServerConfig> = {}): Promise<RunningServer> {
  const data = settings.data ?? (await makeDataDirectory())
  const server = createServer({ ...DEFAULTS, listen: { host: '127.0.0.1', port: 0 }, ...settings, data })
  await server.start()
  onTestFinished(() => server.stop())
  return { url: server.url, data, ask: (method, path, body, headers) => ask(server.url + path, { method, body, headers }) }
}

/** A directory that is removed when the test ends. */
export async function makeDataDirectory(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'bootserver-'))
  onTestFinished(() => rm(data, { recursive: true, force: true }))
  return data
}

/** One request on a connection of its own, as hosts do. */
export async function ask(url: string, { method, body, headers = {} }: Question): Promise<Answer> {
  const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array
  const response = await fetch(url, {
    method,
    headers: { connection: 'close', ...(raw ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false
  return { status: response.status, headers: response.headers, json: isJson ? JSON.parse(text) : undefined }
}

interface Question {
  readonly method: string
  readonly body?: unknown
  readonly headers?: Record<string, string> | undefined
}
