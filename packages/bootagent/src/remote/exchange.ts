import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { MAX_REPLY_BYTES, MAX_REPORT_BYTES, type ServerAddress } from '@bootagent/protocol'
import { RemoteError } from './remote-error.ts'

/** How one exchange with a server is carried out; times in milliseconds. */
export interface ExchangeSettings {
  /** Until a connection stands. */
  readonly connect: number
  /** Until the whole answer is here. */
  readonly whole: number
  /** PEM certificates to trust for https besides none other; the system's own when undefined. */
  readonly ca: string | undefined
  /** What carries it; {@link exchange} when absent. */
  readonly carrier?: Exchange
}

/** Carries one JSON value to a server and one back, or throws RemoteError. */
export type Exchange = (
  to: { server: ServerAddress; path: string },
  body: unknown,
  settings: ExchangeSettings & { signal: AbortSignal },
) => Promise<Answer>

/** An answer that came whole; `value` is its JSON, not yet judged. */
export interface Answer {
  readonly value: unknown
  readonly headers: IncomingHttpHeaders
}

/**
 * Posts one JSON value and reads one back: HTTP/1.1, one request per connection, no redirects (seed 001: short connections).
 * Throws RemoteError for anything but a 2xx answer, and no part of one, with a whole JSON body of at most 1 MB.
 */
export function exchange(
  to: { server: ServerAddress; path: string },
  body: unknown,
  settings: ExchangeSettings & { signal: AbortSignal },
): Promise<Answer> {
  const bytes = Buffer.from(JSON.stringify(body))
  if (bytes.length > MAX_REPORT_BYTES) {
    return Promise.reject(
      new RemoteError(
        'report-too-large',
        `the report has ${bytes.length} bytes, more than the ${MAX_REPORT_BYTES} a server takes`,
      ),
    )
  }
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const post = to.server.protocol === 'https' ? httpsRequest : httpRequest
  const request = post({
    host: to.server.host.replace(/^\[|\]$/g, ''),
    port: to.server.port,
    path: to.path,
    method: 'POST',
    agent: false,
    signal: settings.signal,
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    headers: {
      'content-type': 'application/json',
      'content-length': bytes.length,
      accept: 'application/json',
      'accept-encoding': 'identity',
      connection: 'close',
    },
  })

  // The system's own timers on purpose: they guard against a peer that has gone, not against a clock a test moves.
  const connecting = setTimeout(() => fail('timeout', `no connection within ${settings.connect / 1000} s`), settings.connect)
  const whole = setTimeout(() => fail('timeout', `no whole answer within ${settings.whole / 1000} s`), settings.whole)
  function fail(code: RemoteError['code'], message: string, cause?: unknown): void {
    reject(new RemoteError(code, message, cause))
    request.destroy()
  }

  request.on('socket', (socket) =>
    socket.once(to.server.protocol === 'https' ? 'secureConnect' : 'connect', () => clearTimeout(connecting)),
  )
  request.on('error', (error) => reject(connectionError(error)))
  request.on('response', (response) => {
    clearTimeout(connecting)
    readAnswer(response).then(resolve, (error: unknown) => {
      reject(error instanceof RemoteError ? error : connectionError(error as Error))
      request.destroy()
    })
  })
  request.end(bytes)
  return promise.finally(() => {
    clearTimeout(connecting)
    clearTimeout(whole)
  })
}

/** Who is told so is not let in, and asking again soon changes nothing. */
const DENIALS: readonly number[] = [401, 403]

async function readAnswer(response: IncomingMessage): Promise<Answer> {
  const { statusCode = 0, headers } = response
  if (statusCode < 200 || statusCode > 299) {
    const code = DENIALS.includes(statusCode) ? 'denied' : 'refused'
    throw new RemoteError(code, `the server answered ${statusCode}`, undefined, retryAfterOf(headers))
  }
  // A part of an answer is none, however well its bytes read by themselves.
  if (statusCode === 206) throw new RemoteError('not-understood', 'the server answered with a part (206) of an answer')
  if (headers['content-encoding'] !== undefined) {
    throw new RemoteError('not-understood', `the answer is encoded as ${headers['content-encoding']}, which was not asked for`)
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > MAX_REPLY_BYTES) throw new RemoteError('not-understood', `the answer is larger than ${MAX_REPLY_BYTES} bytes`)
    chunks.push(chunk)
  }
  if (!response.complete) throw new RemoteError('cut', 'the connection ended in the middle of the answer')
  return { value: parse(Buffer.concat(chunks).toString('utf8')), headers }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RemoteError('not-understood', `the answer is not JSON: it begins with ${JSON.stringify(text.slice(0, 60))}`, error)
  }
}

/** Seconds; undefined when absent or not a whole number of seconds (dates are not read: the host's clock may be wrong). */
function retryAfterOf(headers: IncomingHttpHeaders): number | undefined {
  const text = headers['retry-after']
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined
}

const SAID: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name could not be looked up now',
  ECONNRESET: 'the connection was cut',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
}

/** What the system, TLS or the parser of HTTP said of an exchange, in words. */
export function connectionError(error: Error): RemoteError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  if (code.startsWith('HPE_')) return new RemoteError('not-understood', `the answer is not HTTP (${error.message})`, error)
  if (code === 'EPROTO') return new RemoteError('unreachable', `TLS failed: ${reasonOfTls(error.message)}`, error)
  const cut = code === 'ECONNRESET' || error.message === 'aborted'
  return new RemoteError(cut ? 'cut' : 'unreachable', SAID[code] ?? error.message, error)
}

/** OpenSSL's own words, between where in its source they were said: `…:SSL routines:tls_x:wrong version number:../deps/…`. */
function reasonOfTls(message: string): string {
  return /:SSL routines:[^:]*:([^:]+):/.exec(message)?.[1] ?? message.trim()
}
