import { type IncomingMessage, request } from 'node:http'
import type { LookupFunction } from 'node:net'
import { findingOf } from './finding-of.ts'
import type { Finding, HealthOf } from './probe.ts'

/**
 * GETs a url of this host: one connection, no redirects. The status alone decides; what else comes is read up to a limit and
 * dropped, so that an agent does not meet a broken connection each time it is asked.
 */
export async function probeHttp({ url }: HealthOf<'http'>, signal: AbortSignal): Promise<Finding> {
  // A port may have five digits and still be none.
  if (!URL.canParse(url)) return { ok: false, said: 'cannot be asked: that is no address' }
  return get(new URL(url), signal)
}

function get(url: URL, signal: AbortSignal): Promise<Finding> {
  const { promise, resolve } = Promise.withResolvers<Finding>()
  let finding: Finding
  // An agent of its own for each: no connection is kept, and no proxy of the environment is used.
  const asking = request(url, { agent: false, lookup, signal, headers: { 'user-agent': 'bootagent', connection: 'close' } })
  asking.on('response', (response) => {
    finding = findingOn(response.statusCode ?? 0)
    drain(response)
  })
  asking.on('error', (error: NodeJS.ErrnoException) => {
    if (!signal.aborted) finding ??= findingOf(error, describe(error))
  })
  asking.on('close', () => resolve(finding ?? (signal.aborted ? undefined : { ok: false, said: CUT })))
  asking.end()
  return promise
}

/** `localhost` is this host, whatever anybody's tables of names say. */
const lookup: LookupFunction = (_name, { all }, answer) => {
  if (all) answer(null, LOOPBACK)
  else answer(null, '127.0.0.1', 4)
}

const LOOPBACK = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

function findingOn(status: number): Finding {
  return status >= 200 && status < 400 ? { ok: true } : { ok: false, said: `answered ${status}` }
}

/** Bytes of an answer's body that are read at most. */
const MOST = 64 * 1024

function drain(response: IncomingMessage): void {
  let size = 0
  response.on('data', (piece: Buffer) => {
    size += piece.length
    if (size > MOST) response.destroy()
  })
  // Cut in the middle: the status has been told by then.
  response.on('error', () => undefined)
}

const CUT = 'was cut before there was an answer'

const SAID: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'was refused: nothing listens there',
  ECONNRESET: CUT,
}

function describe({ code = '', message }: NodeJS.ErrnoException): string {
  if (code.startsWith('HPE_')) return 'was answered by what is not HTTP'
  return SAID[code] ?? `failed (${code === '' ? message : code})`
}
