import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { CliError } from './errors.ts'

/** Where requests go and what they carry. */
export interface Server {
  /** `http://127.0.0.1:8180`, without a slash at the end. */
  readonly url: string
  /** Sent as a bearer token. */
  readonly token: string | undefined
  /** Ends an exchange that is under way. */
  readonly interrupt: AbortSignal
}

/** Bytes and their exact number. */
export interface Upload {
  readonly bytes: AsyncIterable<Uint8Array>
  readonly size: number
}

/** One request: JSON, bytes, or nothing but its path. */
interface Message {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly body: string | Upload | null
}

/** What came back, whatever its status. */
export interface Reply {
  readonly status: number
  /** Undefined when the body is not JSON. */
  readonly json: unknown
}

/** Sends a request and reads the answer. Throws CliError: unreachable, interrupted, or what ended the bytes. */
export async function exchange(server: Server, message: Message): Promise<Reply> {
  const { body } = message
  try {
    const answer =
      body === null || typeof body === 'string' ? await ask(server, message, body) : await upload(server, message, body)
    return { status: answer.status, json: parseJson(answer.text) }
  } catch (error) {
    throw noAnswer(server, error)
  }
}

interface Answer {
  readonly status: number
  readonly text: string
}

/** A server that takes longer than this to answer a question is as good as gone. */
const PATIENCE_MS = 30_000

async function ask(server: Server, { method, path }: Message, body: string | null): Promise<Answer> {
  const headers = { ...authorization(server), ...(body === null ? {} : { 'content-type': 'application/json' }) }
  const signal = AbortSignal.any([server.interrupt, AbortSignal.timeout(PATIENCE_MS)])
  // A redirect is an answer of something else than bootserver, and neither the request nor the token is for it.
  const response = await fetch(server.url + path, { method, headers, body, signal, redirect: 'manual' })
  return { status: response.status, text: await response.text() }
}

/**
 * Not by fetch, which keeps in memory all it has sent (nodejs/undici issue 4058: 900 MiB took 1 GB). The length is told, so that
 * a package that is too large can be refused before it has come; it takes as long as it takes.
 */
async function upload(server: Server, { method, path }: Message, { bytes, size }: Upload): Promise<Answer> {
  const open = server.url.startsWith('https:') ? requestHttps : requestHttp
  const headers = { ...authorization(server), 'content-type': 'application/octet-stream', 'content-length': size }
  const request = open(server.url + path, { method, headers, signal: server.interrupt })
  const sending = Promise.allSettled([pipeline(bytes, request)])
  const [answer] = await Promise.allSettled([answerTo(request)])
  // An answer in the middle is a refusal: the rest need not be sent, and nobody may still read the file.
  request.destroy()
  const [sent] = await sending
  if (answer.status === 'fulfilled') return answer.value
  // Where the bytes themselves failed, the request knows only that it was cut off.
  throw sent.status === 'rejected' && sent.reason instanceof CliError ? sent.reason : answer.reason
}

async function answerTo(request: ClientRequest): Promise<Answer> {
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  return { status: response.statusCode ?? 0, text: await text(response) }
}

function authorization({ token }: Server): Readonly<Record<string, string>> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function noAnswer(server: Server, error: unknown): CliError {
  if (error instanceof CliError) return error
  if (server.interrupt.aborted) return new CliError('interrupted', 'interrupted', error)
  const detail = detailOf(error)
  const shown = detail === 'ECONNREFUSED' ? '' : ` (${detail})`
  const advice = 'is bootserver running there? (--server or BOOTFLEET_SERVER)'
  return new CliError('unreachable', `cannot reach ${server.url}${shown}: ${advice}`, error)
}

/** The system's code where there is one; fetch keeps it in the cause. */
function detailOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'TimeoutError') return `no answer within ${PATIENCE_MS / 1000} s`
  const origin = error.cause instanceof Error ? error.cause : error
  return (origin as NodeJS.ErrnoException).code ?? origin.message
}
