import { readFileSync } from 'node:fs'
import { Agent, type Dispatcher, request } from 'undici'
// undici loads its parser at the first connection; by then this process has no right to read the program's files any more.
import 'undici/lib/llhttp/llhttp_simd-wasm.js'
import { explainFetch } from './explain-fetch.ts'
import type { Incoming } from './incoming.ts'
import { quote } from './quote.ts'
import { StepError } from '../errors.ts'

/** How long to wait, in milliseconds, and whom to trust. */
export interface FetchSettings {
  readonly connectTimeout: number
  readonly idleTimeout: number
  readonly caFile?: string | undefined
  /** Aborted when everything together has taken too long. */
  readonly signal: AbortSignal
}

const MOST_REDIRECTS = 5

/** Asks for a package and resolves once the headers are there and acceptable; the bytes are then those on the wire. Throws StepError. */
export async function fetchHttp(start: URL, settings: FetchSettings): Promise<Incoming> {
  const agent = createAgent(settings)
  let url = start
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    const answer = await ask(url, agent, settings)
    const next = readRedirect(answer, url)
    if (next === undefined) return acceptAnswer(answer, url, settings)
    // Its body is of no interest, and of any length.
    await answer.body.dump({ limit: 16_384, signal: settings.signal }).catch((error) => fail('asked', error, url, settings))
    url = next
  }
  throw new StepError('fetch-failed', `${nameOf(start)} led to more than ${MOST_REDIRECTS} other places, one after the other`)
}

function createAgent({ connectTimeout, idleTimeout, caFile }: FetchSettings): Agent {
  const connect = { timeout: connectTimeout, ...(caFile === undefined ? {} : { ca: readAuthorities(caFile) }) }
  return new Agent({ connect, allowH2: false, pipelining: 0, headersTimeout: idleTimeout, bodyTimeout: idleTimeout })
}

function readAuthorities(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new StepError('fetch-tls', `the certificates to trust cannot be read: ${(error as Error).message}`, error)
  }
}

async function ask(url: URL, dispatcher: Agent, settings: FetchSettings): Promise<Dispatcher.ResponseData> {
  try {
    // Compressed on the way, the checksum would be of other bytes than the package's.
    const headers = { 'accept-encoding': 'identity', accept: '*/*' }
    return await request(url, { dispatcher, headers, signal: settings.signal })
  } catch (error) {
    return fail('asked', error, url, settings)
  }
}

const REDIRECTS = [301, 302, 303, 307, 308]

function readRedirect(answer: Dispatcher.ResponseData, from: URL): URL | undefined {
  if (!REDIRECTS.includes(answer.statusCode)) return undefined
  const location = String(answer.headers['location'] ?? '')
  const to = location === '' ? null : URL.parse(location, from.href)
  const weaker = from.protocol === 'https:' && to?.protocol !== 'https:'
  if (to !== null && (to.protocol === 'http:' || to.protocol === 'https:') && !weaker) return to
  throw new StepError('fetch-failed', `${nameOf(from)} led to ${quote(location)}, where a package is not followed to`)
}

function acceptAnswer({ statusCode, headers, body }: Dispatcher.ResponseData, url: URL, settings: FetchSettings): Incoming {
  if (statusCode !== 200) throw statusFault(statusCode, url)
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new StepError('fetch-encoded', `${nameOf(url)} sent the package with Content-Encoding ${quote(String(encoding))}`)
  }
  const length = headers['content-length']
  return { bytes: guard(body, url, settings), length: length === undefined ? undefined : Number(length) }
}

/** Answers that the same request may not get later are failures; the other 4xx are refusals. */
const PASSING = [408, 425, 429]

function statusFault(status: number, url: URL): StepError {
  const refused = status >= 400 && status < 500 && !PASSING.includes(status)
  return new StepError(refused ? 'fetch-refused' : 'fetch-failed', `${nameOf(url)} answered ${status} where 200 was wanted`)
}

async function* guard(body: AsyncIterable<Buffer>, url: URL, settings: FetchSettings): AsyncGenerator<Buffer, void> {
  try {
    yield* body
  } catch (error) {
    fail('answered', error, url, settings)
  }
}

function fail(phase: 'asked' | 'answered', error: unknown, url: URL, { signal }: FetchSettings): never {
  if (signal.aborted) throw new StepError('fetch-timeout', `${nameOf(url)}: the download took too long as a whole`, error)
  const { reason, why } = explainFetch(error, phase === 'answered')
  throw new StepError(reason, `${nameOf(url)}: ${why}`, error)
}

/** A url may carry a name and a password, and a signed one its right in the query: neither is for a message. */
function nameOf(url: URL): string {
  return `${url.origin}${url.pathname}`.slice(0, 200)
}
