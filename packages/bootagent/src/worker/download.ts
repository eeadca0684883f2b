import { open } from 'node:fs/promises'
import { copyFileUrl } from './copy-file-url.ts'
import { fetchHttp } from './fetch-http.ts'
import type { Incoming } from './incoming.ts'
import { countBytes, type OnProgress } from './pace.ts'
import type { RequestOf, WorkerResult } from './request.ts'
import { verifyDigest } from './verify-digest.ts'
import { StepError } from '../errors.ts'

/** The file the package is written to, in the working directory. */
const DOWNLOADED = 'package'

/** Fetches a package into a new file, hashing as it comes; when it resolves the bytes are right and on the disk. Throws StepError. */
export async function download(request: RequestOf<'download'>, onProgress: OnProgress): Promise<WorkerResult<'download'>> {
  const signal = AbortSignal.timeout(request.totalTimeout)
  const incoming = await openSource(request, signal)
  const counted = countBytes(measure(incoming, request), onProgress, incoming.length)
  return { bytes: await save(verifyDigest(counted, request.digest)) }
}

function openSource(request: RequestOf<'download'>, signal: AbortSignal): Promise<Incoming> {
  const url = URL.parse(request.url)
  if (url === null) throw new StepError('url-bad', 'the package url cannot be read')
  if (url.protocol === 'file:') return copyFileUrl(url)
  if (url.protocol === 'http:' || url.protocol === 'https:') return fetchHttp(url, { ...request, signal })
  throw new StepError('url-scheme', `packages are not fetched by ${url.protocol.slice(0, 20)}//; use http, https or file`)
}

/** Refuses a wrong length as soon as it can be known: by what the source announces, else by the first byte too many. */
async function* measure({ bytes, length }: Incoming, request: RequestOf<'download'>): AsyncGenerator<Buffer, void> {
  if (length !== undefined) checkLength(length, request)
  let count = 0
  for await (const piece of bytes) {
    count += piece.length
    if (count > Math.min(request.maxBytes, request.size ?? Infinity)) checkLength(count, request)
    yield piece
  }
  checkLength(count, request)
}

function checkLength(length: number, { size, maxBytes }: RequestOf<'download'>): void {
  if (length > maxBytes) throw new StepError('fetch-size', `the package is larger than the ${maxBytes} bytes this host takes`)
  if (size !== undefined && length !== size) {
    const found = length > size ? 'more' : String(length)
    throw new StepError('fetch-size', `the job says the package has ${size} bytes, but it has ${found}`)
  }
}

async function save(bytes: AsyncIterable<Buffer>): Promise<number> {
  const file = await open(DOWNLOADED, 'wx', 0o600)
  try {
    let written = 0
    for await (const piece of bytes) {
      await file.writeFile(piece)
      written += piece.length
    }
    await file.sync()
    return written
  } finally {
    await file.close()
  }
}
