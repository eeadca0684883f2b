import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Reason } from '@bootagent/protocol'
import { expect, onTestFinished, test } from 'vitest'
import type { Tls } from '../../src/worker/request.ts'
import type { WorkerSettings } from '../../src/worker/spawn-worker.ts'
import { BYTES, type Fetching, fetchWith, readPart } from './fetching.ts'
import { type Certificate, listen, makeCertificate, serve, serveTls } from './servers.ts'
import { makeWorkplace, sha256 } from './workplace.ts'

const sendBytes = (response: ServerResponse) => response.setHeader('content-length', BYTES.length).end(BYTES)
const sendAll: RequestListener = (_, response) => sendBytes(response)

test('a package is written, hashed and told of as it comes', async () => {
  const place = makeWorkplace()
  const told: [number, number | undefined][] = []
  const onProgress = (done: number, total?: number) => told.push([done, total])
  await expect(fetchWith(await serve(sendAll), { place, size: BYTES.length, settings: { onProgress } })).resolves.toEqual({
    bytes: BYTES.length,
  })
  expect(readPart(place)).toEqual(BYTES)
  // At least once in 5 %, and never what it has told before.
  expect(told.at(-1)?.[0]).toBeGreaterThan(BYTES.length * 0.9)
  expect(told.every(([, total]) => total === BYTES.length)).toBe(true)
  expect(told.map(([done]) => done)).toEqual([...new Set(told.map(([done]) => done))].toSorted((a, b) => a - b))
})

test('a package of unannounced length is taken when its bytes are right', async () => {
  const url = await serve((_, response) => response.write(BYTES.subarray(0, 999), () => response.end(BYTES.subarray(999))))
  await expect(fetchWith(url)).resolves.toEqual({ bytes: BYTES.length })
})

// Anything else would be hashed as other bytes than the package's.
test('the package is asked for as it is, without compression', async () => {
  const asked = Promise.withResolvers<IncomingMessage>()
  const url = await serve((request, response) => {
    asked.resolve(request)
    sendBytes(response)
  })
  await fetchWith(url)
  expect((await asked.promise).headers['accept-encoding']).toBe('identity')
})

test.each([
  [404, 'fetch-refused'],
  [403, 'fetch-refused'],
  [410, 'fetch-refused'],
  [429, 'fetch-failed'],
  [500, 'fetch-failed'],
  [503, 'fetch-failed'],
  [204, 'fetch-failed'],
  [206, 'fetch-failed'],
] as const)('an answer %i is %s', async (status, reason) => {
  const url = await serve((_, response) => response.writeHead(status).end(status === 204 ? undefined : BYTES))
  await expect(fetchWith(url)).rejects.toMatchObject({ reason, message: expect.stringContaining(`answered ${status}`) })
})

/** A server's misconduct, and what it comes to. */
interface Fault {
  readonly does: string
  readonly reason: Reason
  readonly says: string
  readonly listener: RequestListener
  readonly options: Fetching | undefined
}

const HALF = BYTES.subarray(0, 100_000)

const FAULTS = [
  fault('hangs up in the middle', 'fetch-cut', 'cut off', (response) => startBody(response, () => response.destroy())),
  fault('hangs up in the middle of chunks', 'fetch-cut', 'cut off', (response) => response.write(HALF, () => response.destroy())),
  fault('hangs up without an answer', 'fetch-failed', 'no proper HTTP answer', (response) => response.destroy()),
  fault('stands still in the middle', 'fetch-timeout', 'Timeout', (response) => startBody(response), { idleTimeout: 300 }),
  fault('never answers', 'fetch-timeout', 'Timeout', () => undefined, { idleTimeout: 300 }),
  fault('is slower than the whole may be', 'fetch-timeout', 'as a whole', (response) => startBody(response), {
    totalTimeout: 1500,
  }),
  fault('announces more than the job', 'fetch-size', 'has 7 bytes, but it has more', announce, { size: 7 }),
  fault('announces less than the job', 'fetch-size', 'but it has 200000', announce, { size: BYTES.length + 1 }),
  fault('announces more than the host takes', 'fetch-size', 'larger than the 1000 bytes', announce, { maxBytes: 1000 }),
  fault('sends less than the job says', 'fetch-size', 'but it has 100000', sendHalf, { size: BYTES.length }),
  fault('sends more than the job says', 'fetch-size', 'but it has more', sendHalf, { size: 99_999 }),
  fault('sends other bytes', 'checksum-mismatch', sha256(HALF).slice(0, 12), sendHalf),
  fault('sends gzip', 'fetch-encoded', '"gzip"', (response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync(BYTES)),
  ),
  fault('leads in a circle', 'fetch-redirect', 'more than 5 other places', (response) => redirect(response, '/again')),
  fault('leads to a file of the host', 'fetch-redirect', '"file:///etc/passwd"', (response) =>
    redirect(response, 'file:///etc/passwd'),
  ),
  fault('leads nowhere', 'fetch-redirect', 'not followed', (response) => response.writeHead(302).end()),
]

test.each(FAULTS)('a server that $does is a failure of the reason $reason', async ({ reason, says, listener, options }) => {
  const failure = { reason, message: expect.stringContaining(says) }
  await expect(fetchWith(await serve(listener), options)).rejects.toMatchObject(failure)
})

function fault(
  does: string,
  reason: Reason,
  says: string,
  answer: (response: ServerResponse) => unknown,
  options?: Fetching,
): Fault {
  return { does, reason, says, options, listener: (_, response) => void answer(response) }
}

/** The headers of an answer, and nothing of its body: what is refused now has been refused by its length. */
function announce(response: ServerResponse): void {
  response.setHeader('content-length', BYTES.length).flushHeaders()
}

/** Half the bytes, in chunks of unannounced length. */
function sendHalf(response: ServerResponse): void {
  response.write(HALF, () => response.end())
}

function startBody(response: ServerResponse, then?: () => void): void {
  response.setHeader('content-length', BYTES.length).write(HALF, then)
}

function redirect(response: ServerResponse, location: string): void {
  response.writeHead(302, { location }).end()
}

// The cap holds before the bytes are read on: the server is hung up on, and the disk holds no more than the cap.
test('a body without end is cut at the cap', async () => {
  const place = makeWorkplace()
  const hungUp = Promise.withResolvers<void>()
  const url = await serve((_, response) => {
    response.once('close', hungUp.resolve)
    pourForever(response)
  })
  await expect(fetchWith(url, { place, maxBytes: 300_000 })).rejects.toMatchObject({ reason: 'fetch-size' })
  await hungUp.promise
  expect(readPart(place).length).toBeLessThanOrEqual(300_000)
})

function pourForever(response: ServerResponse): void {
  if (!response.destroyed) response.write(BYTES, () => pourForever(response))
}

test('a package is followed to another place', async () => {
  const there = await serve(sendAll)
  const here = await serve((_, response) => response.writeHead(301, { location: `${there}/package` }).end('moved'))
  await expect(fetchWith(here)).resolves.toEqual({ bytes: BYTES.length })
})

test('a server that speaks no HTTP is a failure of the reason fetch-failed', async () => {
  const port = await listen(createServer((socket) => socket.end('220 ftp ready\r\n').on('error', () => undefined)))
  await expect(fetchWith(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ reason: 'fetch-failed' })
})

test('a server that is not there cannot be reached', async () => {
  const closed = createServer()
  const port = await listen(closed)
  await new Promise((resolve) => closed.close(resolve))
  await expect(fetchWith(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ reason: 'fetch-unreachable' })
})

// A url may carry a password, and its query a right: neither belongs into a message that goes to the server's console.
test('a failure shows the address without its password and its query', async () => {
  const url = new URL(await serve((_, response) => response.writeHead(404).end()))
  url.username = 'me'
  url.password = 'secret'
  url.search = 'token=secret'
  const message = expect.not.stringContaining('secret')
  await expect(fetchWith(url.href)).rejects.toMatchObject({ reason: 'fetch-refused', message })
})

function makeAuthority(name: string): Certificate {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-authority-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return makeCertificate(directory, name)
}

/** What a worker is handed to trust a certificate. */
function trusting({ file }: Certificate): Tls {
  return { ca: readFileSync(file, 'utf8') }
}

test('a server is trusted by the certificates it is told to trust, and by no others', async () => {
  const [ours, theirs] = [makeAuthority('IP:127.0.0.1'), makeAuthority('IP:127.0.0.1')]
  const url = await serveTls(ours, sendAll)
  await expect(fetchWith(url, { tls: trusting(ours) })).resolves.toEqual({ bytes: BYTES.length })
  await expect(fetchWith(url, { tls: trusting(theirs) })).rejects.toMatchObject({ reason: 'fetch-tls' })
  await expect(fetchWith(url)).rejects.toMatchObject({ reason: 'fetch-tls' })
})

test('a certificate for another name proves nothing', async () => {
  const authority = makeAuthority('DNS:packages.example')
  const failure = { reason: 'fetch-tls', message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') }
  await expect(fetchWith(await serveTls(authority, sendAll), { tls: trusting(authority) })).rejects.toMatchObject(failure)
})

// A31: on http anyone on the way could be the one who answers.
test('a redirect from https to http is not followed', async () => {
  const authority = makeAuthority('IP:127.0.0.1')
  const plain = await serve(sendAll)
  const url = await serveTls(authority, (_, response) => redirect(response, plain))
  await expect(fetchWith(url, { tls: trusting(authority) })).rejects.toMatchObject({ reason: 'fetch-redirect' })
})

/** A directory any user may read, with one file of each sort in it. */
function makeShelf(): string {
  const shelf = mkdtempSync(join(tmpdir(), 'bootagent-shelf-'))
  onTestFinished(() => rmSync(shelf, { recursive: true, force: true }))
  chmodSync(shelf, 0o755)
  writeFileSync(join(shelf, 'package'), BYTES, { mode: 0o644 })
  copyFileSync(join(shelf, 'package'), join(shelf, 'private'))
  chmodSync(join(shelf, 'private'), 0)
  execFileSync('mkfifo', [join(shelf, 'fifo')])
  return shelf
}

test('a file of the host is copied and hashed like any other package', async () => {
  const place = makeWorkplace()
  await expect(fetchWith(`file://${makeShelf()}/package`, { place })).resolves.toEqual({ bytes: BYTES.length })
  expect(readPart(place)).toEqual(BYTES)
})

test.each([
  ['gone', 'fetch-no-file', 'there is no file'],
  ['fifo', 'fetch-no-file', 'no regular file'],
  ['.', 'fetch-no-file', 'no regular file'],
  ['private', 'fetch-refused', 'make it readable for all'],
])('file:…/%s is a failure of the reason %s', async (name, reason, says) => {
  await expect(fetchWith(`file://${makeShelf()}/${name}`)).rejects.toMatchObject({
    reason,
    message: expect.stringContaining(says),
  })
})

test('a file on another host, and a scheme that is not fetched, are refused', async () => {
  await expect(fetchWith('file://elsewhere/package')).rejects.toMatchObject({ reason: 'url-bad' })
  await expect(fetchWith('gopher://127.0.0.1/package')).rejects.toMatchObject({ reason: 'url-scheme' })
})

test.each(['sha256', 'sha512'])('a package is known by its %s', async (algorithm) => {
  const digest = createHash(algorithm).update(BYTES).digest('hex')
  await expect(fetchWith(await serve(sendAll), { digest })).resolves.toEqual({ bytes: BYTES.length })
  const other = createHash(algorithm).update('other').digest('hex')
  await expect(fetchWith(await serve(sendAll), { digest: other })).rejects.toMatchObject({ reason: 'checksum-mismatch' })
})

test('a rate that is changed meanwhile is felt', async () => {
  const left = Promise.withResolvers<void>()
  let change: (perSecond: number) => void = () => undefined
  const settings: Partial<WorkerSettings> = {
    rate: (apply) => {
      change = apply
      apply(2048)
      return left.resolve
    },
    // At the first rate it would take longer than the whole may.
    onProgress: () => change(Infinity),
  }
  await expect(fetchWith(await serve(sendAll), { settings })).resolves.toEqual({ bytes: BYTES.length })
  await left.promise
})

// It is never idle, and would hold a place for ever: headers have a time of their own, and a length.
test('a server that sends its headers a byte at a time is given up', async () => {
  const port = await listen(
    createServer((socket) => {
      const bytes = 'HTTP/1.1 200 OK\r\nx: '
      let at = 0
      const timer = setInterval(() => socket.write(bytes[at++] ?? 'x'), 10)
      socket.on('error', () => undefined).once('close', () => clearInterval(timer))
    }),
  )
  const fetching = fetchWith(`http://127.0.0.1:${port}/`, { idleTimeout: 700 })
  await expect(fetching).rejects.toMatchObject({ reason: 'fetch-timeout', message: expect.stringContaining('Headers Timeout') })
})
