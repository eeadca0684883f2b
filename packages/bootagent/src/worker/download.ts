import { statfs } from 'node:fs/promises'
import { systemClock } from '@bootagent/runtime'
import { copyFileUrl } from './copy-file-url.ts'
import { fetchFtp } from './fetch-ftp.ts'
import { fetchHttp } from './fetch-http.ts'
import type { Incoming, Resume } from './incoming.ts'
import type { OnProgress } from './pace.ts'
import { openPart, type Part } from './part.ts'
import type { RequestOf, WorkerResult } from './request.ts'
import { throttle } from './throttle.ts'
import { StepError } from '../errors.ts'

/** What a download is told and tells besides its request. */
export interface DownloadTools {
  readonly onProgress: OnProgress
  /** Told once what the source says of its package, before the first of its bytes is written. */
  readonly onSource: (validator: string | undefined) => void
  /** Bytes a second that may come; asked anew for each piece. */
  readonly rate: () => number
}

type Request = RequestOf<'download'>

/**
 * Fetches a package, or the rest of one that was cut off, hashing as it comes; when it resolves, all bytes of the file are right
 * and on the disk. What is there already is hashed from the disk first: the digest is of all of it. Throws StepError.
 */
export async function download(request: Request, tools: DownloadTools): Promise<WorkerResult<'download'>> {
  const signal = AbortSignal.timeout(request.totalTimeout)
  const part = await openPart(request.digest, Math.min(request.maxBytes, request.size ?? Infinity))
  // Cut off after its last byte, as by a crash before it got its name, it needs no source any more.
  if (part.isWhole()) return finish(part)
  const resume = { from: part.length === request.size ? 0 : part.length, validator: request.validator }
  const incoming = await openSource(request, resume, signal)
  await part.goOnFrom(incoming.from)
  tools.onSource(incoming.validator)
  const bytes = throttle(measure(incoming, request), tools.rate, { now: () => performance.now(), sleep: sleepUnless(signal) })
  await write(bytes, { part, request, length: incoming.length, onProgress: tools.onProgress })
  part.check()
  return finish(part)
}

/** Who waits for his turn to read would not hear from the source that the time is over. */
function sleepUnless(signal: AbortSignal): (ms: number) => Promise<void> {
  return async (ms) => {
    if (!(await systemClock.sleep(ms, signal))) throw new StepError('fetch-timeout', 'the download took too long as a whole')
  }
}

async function finish(part: Part): Promise<WorkerResult<'download'>> {
  await part.sync()
  return { bytes: part.length }
}

function openSource(request: Request, resume: Resume, signal: AbortSignal): Promise<Incoming> {
  const url = URL.parse(request.url)
  if (url === null) throw new StepError('url-bad', 'the package url cannot be read')
  if (url.protocol === 'file:') return copyFileUrl(url, resume)
  if (url.protocol === 'http:' || url.protocol === 'https:') return fetchHttp(url, resume, { ...request, signal })
  if (url.protocol === 'ftp:') return fetchFtp(url, resume, { ...request, signal })
  throw new StepError('url-scheme', `packages are not fetched by ${url.protocol.slice(0, 20)}//; use http, https, ftp or file`)
}

/** Refuses a wrong length as soon as it can be known: by what the source announces, else by the first byte too many. */
async function* measure({ bytes, from, length }: Incoming, request: Request): AsyncGenerator<Buffer, void> {
  if (length !== undefined) checkLength(length, request)
  let count = from
  for await (const piece of bytes) {
    count += piece.length
    if (count > Math.min(request.maxBytes, request.size ?? Infinity)) checkLength(count, request)
    yield piece
  }
  if (length !== undefined && count < length)
    throw new StepError('fetch-cut', `the package was cut off after ${count} of ${length} bytes`)
  checkLength(count, request)
}

function checkLength(length: number, { size, maxBytes }: Request): void {
  if (length > maxBytes) throw new StepError('fetch-size', `the package is larger than the ${maxBytes} bytes this host takes`)
  if (size !== undefined && length !== size) {
    const found = length > size ? 'more' : String(length)
    throw new StepError('fetch-size', `the job says the package has ${size} bytes, but it has ${found}`)
  }
}

/** Bytes after which the disk is looked at again: what others write meanwhile, nobody could know before. */
const BETWEEN_LOOKS = 4 * 1024 ** 2

interface Writing {
  readonly part: Part
  readonly request: Request
  readonly length: number | undefined
  readonly onProgress: OnProgress
}

async function write(bytes: AsyncIterable<Buffer>, { part, request, length, onProgress }: Writing): Promise<void> {
  let looked = -BETWEEN_LOOKS
  for await (const piece of bytes) {
    if (part.length - looked >= BETWEEN_LOOKS) {
      await checkReserve(request.reserve)
      looked = part.length
    }
    await part.append(piece)
    onProgress(part.length, length ?? request.size)
  }
}

async function checkReserve(reserve: number): Promise<void> {
  const { bavail, bsize } = await statfs('.')
  if (bavail * bsize >= reserve) return
  const [kept, left] = [reserve, bavail * bsize].map((bytes) => `${Math.floor(bytes / 1024 ** 2)} MB`)
  throw new StepError('disk-full', `the disk has only ${left} free while the package comes in; ${kept} are kept in reserve`)
}
