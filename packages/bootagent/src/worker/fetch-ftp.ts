import { PassThrough } from 'node:stream'
import { Client, FTPError } from 'basic-ftp'
import { StepError } from '../errors.ts'
import { explainFtp, type FtpFault } from './explain-ftp.ts'
import type { FetchSettings } from './fetch-http.ts'
import { FROM_THE_START, type Incoming, type Resume } from './incoming.ts'
import { nameOf } from './name-of.ts'

/**
 * Fetches by FTP (RFC 959): passive, binary, as anonymous or with the url's login; the rest of a package by REST. The data
 * connection goes to the host of the control connection and nowhere else. Resolves once the server is there and has said what
 * it knows of the file. Throws StepError.
 */
export async function fetchFtp(url: URL, resume: Resume, settings: FetchSettings): Promise<Incoming> {
  const place = readPlace(url)
  const client = new Client(settings.idleTimeout, { allowSeparateTransferHost: false })
  settings.signal.addEventListener('abort', () => client.close())
  try {
    await connect(client, place, settings)
    const length = await readSize(client, place.path)
    const validator = await readChange(client, place.path)
    const from = canGoOn(resume, { length, validator }) && (await takesRest(client)) ? resume.from : FROM_THE_START.from
    return { bytes: receive(client, { url, settings, path: place.path, from }), from, length, validator }
  } catch (error) {
    client.close()
    return fail('asked', error, url, settings)
  }
}

/** Where and as whom; decoded, and free of what would end a command and begin another. */
interface FtpPlace {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string
  readonly path: string
}

/** The path begins where the login leads to, as curl and browsers have it; with `%2F` in front at the root (RFC 1738, 3.2.2). */
function readPlace(url: URL): FtpPlace {
  const [user, password, path] = [url.username, url.password, url.pathname.slice(1)].map(decode)
  if (path === undefined || path === '') throw new StepError('url-bad', 'the package url names no file')
  if ([user, password, path].some((each) => /[\r\n\0]/.test(each ?? '')))
    throw new StepError('url-bad', 'the package url has a line end or a NUL in it, which is never sent to a server')
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 21 : Number(url.port),
    user: user === undefined || user === '' ? 'anonymous' : user,
    password: user === undefined || user === '' ? 'bootagent@' : (password ?? ''),
    path,
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    throw new StepError('url-bad', 'the package url has a % that is no code of a character', error)
  }
}

async function connect(client: Client, { host, port, user, password }: FtpPlace, settings: FetchSettings): Promise<void> {
  const seconds = settings.connectTimeout / 1000
  const late = new Error(`no connection within ${seconds} s`)
  const timer = setTimeout(() => client.ftp.closeWithError(late), settings.connectTimeout)
  try {
    await client.connect(host, port)
  } finally {
    clearTimeout(timer)
  }
  await client.login(user, password)
  await client.send('TYPE I')
}

async function readSize(client: Client, path: string): Promise<number | undefined> {
  const size = await orUnknown(client.size(path))
  return size === undefined || !Number.isSafeInteger(size) || size < 0 ? undefined : size
}

async function readChange(client: Client, path: string): Promise<string | undefined> {
  const changed = await orUnknown(client.lastMod(path))
  return changed === undefined || Number.isNaN(changed.getTime()) ? undefined : `mdtm ${changed.toISOString()}`
}

/** What a server does not say, or does not know how to say, is not known; anything else is a failure. */
async function orUnknown<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof FTPError && NOT_SAID.includes(error.code)) return undefined
    if (error instanceof Error && error.message.startsWith("Can't parse")) return undefined
    throw error
  }
}

/** Not understood, not done here, not for this file: whether it is there at all, fetching it will tell. */
const NOT_SAID = [500, 501, 502, 503, 504, 550]

function canGoOn(resume: Resume, now: { length: number | undefined; validator: string | undefined }): boolean {
  if (resume.from === 0) return false
  if (now.length !== undefined && resume.from >= now.length) return false
  return resume.validator === undefined || now.validator === undefined || resume.validator === now.validator
}

/** Tried before the data connection is made: a server that cannot would otherwise leave it hanging. */
async function takesRest(client: Client): Promise<boolean> {
  const answer = await client.sendIgnoringError('REST 1')
  if (answer.code >= 300 && answer.code < 400) await client.sendIgnoringError('REST 0')
  return answer.code >= 300 && answer.code < 400
}

interface Transfer {
  readonly url: URL
  readonly settings: FetchSettings
  readonly path: string
  readonly from: number
}

async function* receive(client: Client, { url, settings, path, from }: Transfer): AsyncGenerator<Buffer, void> {
  const through = new PassThrough({ highWaterMark: 262_144 })
  // Its failure ends the stream, and is told once what had come is read.
  let failure: unknown
  const whole = client.downloadTo(through, path, from).then(
    () => undefined,
    (error: unknown) => {
      failure = error
      through.destroy()
    },
  )
  let begun = false
  try {
    for await (const piece of through as AsyncIterable<Buffer>) {
      begun = true
      yield piece
    }
    await whole
  } catch (error) {
    // The stream says only that it was ended before its time; why, the transfer knows.
    await whole
    failure ??= error
  } finally {
    client.close()
  }
  if (failure !== undefined) fail(begun ? 'answered' : 'asked', failure, url, settings)
}

function fail(phase: 'asked' | 'answered', error: unknown, url: URL, { signal }: FetchSettings): never {
  if (error instanceof StepError) throw error
  if (signal.aborted) throw new StepError('fetch-timeout', `${nameOf(url)}: the download took too long as a whole`, error)
  const { reason, why } = explainFtp(withoutSecrets(error as Error & FtpFault, url), phase === 'answered')
  throw new StepError(reason, `${nameOf(url)}: ${why}`, error)
}

/** A server may repeat what it was sent; of one that was sent a password only the code of the answer is shown. */
function withoutSecrets({ message, code }: FtpFault, url: URL): FtpFault {
  return url.password === '' || typeof code !== 'number' ? { message, code } : { message: String(code), code }
}
