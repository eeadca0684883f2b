import { type Dispatcher, EnvHttpProxyAgent, request } from 'undici'
// undici loads its parser at the first connection; by then this process has no right to read the program's files any more.
import 'undici/lib/llhttp/llhttp_simd-wasm.js'
import { StepError } from '../errors.ts'
import { goesOn, readContentRange } from './content-range.ts'
import { explainFetch } from './explain-fetch.ts'
import { createGate, type Gate } from './gate.ts'
import { FROM_THE_START, type Incoming, type Resume } from './incoming.ts'
import { judgeRedirect } from './judge-redirect.ts'
import { nameOf } from './name-of.ts'
import { quote } from './quote.ts'
import type { Proxies, Tls } from './request.ts'

/** How long to wait, in milliseconds; whom to trust, and by whom to go. */
export interface FetchSettings {
  readonly connectTimeout: number
  readonly idleTimeout: number
  readonly tls: Tls
  readonly proxies: Proxies
  /** Aborted when everything together has taken too long. */
  readonly signal: AbortSignal
}

const MOST_REDIRECTS = 5

/**
 * Asks for a package, or for the rest of one, and resolves once the headers are there and acceptable; the bytes are then those
 * on the wire. A server that answers a question for the rest with something else is asked for the whole. Throws StepError.
 */
export async function fetchHttp(start: URL, resume: Resume, settings: FetchSettings): Promise<Incoming> {
  const gate = createGate()
  const asking = { start, gate, agent: createAgent(settings, gate), settings }
  const { answer, url } = await follow(asking, resume)
  if (resume.from === 0 || answer.statusCode === 200) return acceptWhole(answer, url, settings)
  const rest = acceptRest(answer, url, { resume, settings })
  if (rest !== undefined) return rest
  if (answer.statusCode !== 206 && answer.statusCode !== 416) throw statusFault(answer, url)
  await discard(answer, url, settings)
  const again = await follow(asking, FROM_THE_START)
  return acceptWhole(again.answer, again.url, settings)
}

/** One question, and all it is asked with. */
interface Asking {
  readonly start: URL
  readonly gate: Gate
  readonly agent: Dispatcher
  readonly settings: FetchSettings
}

function createAgent({ connectTimeout, idleTimeout, tls, proxies }: FetchSettings, gate: Gate): Dispatcher {
  return new EnvHttpProxyAgent({
    // Said in full, and so nothing is read from an environment.
    httpProxy: proxies.http ?? '',
    httpsProxy: proxies.https ?? '',
    noProxy: proxies.none ?? '',
    connect: { timeout: connectTimeout, lookup: gate.lookup, ...tls },
    connectTimeout,
    // Behind a proxy names are looked up by the proxy. What vouches for servers vouches for it too; who we are it need not know.
    requestTls: { ...tls },
    proxyTls: tls.ca === undefined ? {} : { ca: tls.ca },
    allowH2: false,
    pipelining: 0,
    headersTimeout: idleTimeout,
    bodyTimeout: idleTimeout,
  })
}

async function follow(asking: Asking, resume: Resume): Promise<{ answer: Dispatcher.ResponseData; url: URL }> {
  const { start, gate, settings } = asking
  let url = start
  gate.begin()
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects += 1) {
    gate.admit(url)
    const answer = await ask(asking, url, resume)
    const next = judgeRedirect(answer.statusCode, one(answer, 'location'), url)
    if (next === undefined) return { answer, url }
    await discard(answer, url, settings)
    url = next
  }
  const message = `${nameOf(start)} led to more than ${MOST_REDIRECTS} other places, one after the other`
  throw new StepError('fetch-redirect', message)
}

async function ask({ start, agent, settings }: Asking, url: URL, resume: Resume): Promise<Dispatcher.ResponseData> {
  const headers = {
    // Compressed on the way, the checksum would be of other bytes than the package's.
    'accept-encoding': 'identity',
    accept: '*/*',
    ...loginOf(start, url),
    ...(resume.from === 0 ? {} : { range: `bytes=${resume.from}-` }),
    ...(resume.from === 0 || resume.validator === undefined ? {} : { 'if-range': resume.validator }),
  }
  try {
    return await request(`${url.origin}${url.pathname}${url.search}`, { dispatcher: agent, headers, signal: settings.signal })
  } catch (error) {
    return fail('asked', error, url, settings)
  }
}

/** The login that the first url carries is for its own server, and for nobody that it leads to. */
function loginOf(start: URL, url: URL): Record<string, string> {
  if (start.username === '' || start.origin !== url.origin) return {}
  const login = [start.username, start.password].map((each) => decode(each)).join(':')
  return { authorization: `Basic ${Buffer.from(login).toString('base64')}` }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}

/** Its body is of no interest, and of any length. */
async function discard(answer: Dispatcher.ResponseData, url: URL, settings: FetchSettings): Promise<void> {
  await answer.body
    .dump({ limit: 16_384, signal: settings.signal })
    .catch((error: unknown) => fail('asked', error, url, settings))
}

function acceptWhole(answer: Dispatcher.ResponseData, url: URL, settings: FetchSettings): Incoming {
  if (answer.statusCode !== 200) throw statusFault(answer, url)
  refuseEncoded(answer, url)
  return {
    bytes: guard(answer.body, url, settings),
    from: 0,
    length: contentLength(answer),
    validator: validatorOf(answer),
  }
}

/** Only the part that was asked for; undefined for any other, as a broken or a lying server sends it. */
function acceptRest(
  answer: Dispatcher.ResponseData,
  url: URL,
  { resume, settings }: { resume: Resume; settings: FetchSettings },
): Incoming | undefined {
  if (answer.statusCode !== 206) return undefined
  const range = readContentRange(one(answer, 'content-range'))
  if (!goesOn(range, resume.from, contentLength(answer))) return undefined
  refuseEncoded(answer, url)
  const validator = validatorOf(answer) ?? resume.validator
  return { bytes: guard(answer.body, url, settings), from: resume.from, length: range.length, validator }
}

function refuseEncoded(answer: Dispatcher.ResponseData, url: URL): void {
  const encoding = one(answer, 'content-encoding')
  if (encoding === undefined || encoding === 'identity') return
  throw new StepError('fetch-encoded', `${nameOf(url)} sent the package with Content-Encoding ${quote(encoding)}`)
}

function contentLength(answer: Dispatcher.ResponseData): number | undefined {
  const length = one(answer, 'content-length')
  return length === undefined || !/^\d{1,15}$/.test(length) ? undefined : Number(length)
}

/** What `If-Range` takes (RFC 9110, 13.1.5): a strong entity tag, else the date of the last change. */
function validatorOf(answer: Dispatcher.ResponseData): string | undefined {
  const tag = one(answer, 'etag')
  if (tag !== undefined && /^"[\x21\x23-\x7e]{1,200}"$/.test(tag)) return tag
  const changed = one(answer, 'last-modified')
  return changed !== undefined && /^[A-Z][a-z]{2}, [\w :]{5,30} GMT$/.test(changed) ? changed : undefined
}

function one({ headers }: Dispatcher.ResponseData, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}

/** Answers that the same request may not get later are failures; the other 4xx are refusals. */
const PASSING = [408, 425, 429]

function statusFault(answer: Dispatcher.ResponseData, url: URL): StepError {
  const { statusCode: status } = answer
  const refused = status >= 400 && status < 500 && !PASSING.includes(status)
  const message = `${nameOf(url)} answered ${status} where 200 was wanted`
  const after = one(answer, 'retry-after')
  // Dates are not read: the host's clock may be wrong.
  const retryAfter = after !== undefined && /^\d{1,9}$/.test(after) ? Number(after) : undefined
  const error = new StepError(refused ? 'fetch-refused' : 'fetch-failed', message)
  return retryAfter === undefined ? error : Object.assign(error, { retryAfter })
}

async function* guard(body: AsyncIterable<Buffer>, url: URL, settings: FetchSettings): AsyncGenerator<Buffer, void> {
  try {
    yield* body
  } catch (error) {
    fail('answered', error, url, settings)
  }
}

function fail(phase: 'asked' | 'answered', error: unknown, url: URL, { signal }: FetchSettings): never {
  if (error instanceof StepError) throw error
  if (signal.aborted) throw new StepError('fetch-timeout', `${nameOf(url)}: the download took too long as a whole`, error)
  const { reason, why } = explainFetch(error, phase === 'answered')
  throw new StepError(reason, `${nameOf(url)}: ${why}`, error)
}
