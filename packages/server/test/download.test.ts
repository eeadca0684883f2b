import { createHash } from 'node:crypto'
import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { METRICS } from './messages.ts'
import { startServer } from './start-server.ts'

const BYTES = '0123456789'
const DIGEST = createHash('sha256').update(BYTES).digest('hex')
const ETAG = `"${DIGEST}"`
const PATH = `/packages/${DIGEST}/metrics-1.0.0.tar.gz`

async function withPackage() {
  const server = await startServer()
  await server.ask('PUT', METRICS, BYTES)
  const get = async (headers: Record<string, string> = {}, method = 'GET') => {
    const response = await fetch(server.url + PATH, { method, headers })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }
  return { server, get }
}

test('a package is served as the bytes it is, unchanged for ever', async () => {
  const { get } = await withPackage()
  const { status, headers, text } = await get({ 'accept-encoding': 'gzip, br, zstd' })
  expect([status, text]).toEqual([200, BYTES])
  expect(Object.fromEntries(headers)).toMatchObject({
    'accept-ranges': 'bytes',
    'content-length': '10',
    'content-type': 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    etag: ETAG,
  })
  expect(headers.get('content-encoding')).toBeNull()
})

test.each<[headers: Record<string, string>, status: number, text: string, range: string | null]>([
  [{ range: 'bytes=4-' }, 206, '456789', 'bytes 4-9/10'],
  [{ range: 'bytes=0-0' }, 206, '0', 'bytes 0-0/10'],
  [{ range: 'bytes=-3' }, 206, '789', 'bytes 7-9/10'],
  [{ range: 'bytes=2-99' }, 206, '23456789', 'bytes 2-9/10'],
  [{ range: 'bytes=0-1,4-5' }, 200, BYTES, null],
  [{ range: 'nonsense' }, 200, BYTES, null],
  [{ range: 'bytes=4-', 'if-range': ETAG }, 206, '456789', 'bytes 4-9/10'],
  [{ range: 'bytes=4-', 'if-range': '"of another package"' }, 200, BYTES, null],
  [{ range: 'bytes=4-', 'if-range': `W/${ETAG}` }, 200, BYTES, null],
  [{ 'if-none-match': ETAG }, 304, '', null],
  [{ 'if-none-match': `"x", W/${ETAG}` }, 304, '', null],
  [{ 'if-none-match': '*' }, 304, '', null],
  [{ 'if-none-match': '"x"' }, 200, BYTES, null],
  [{ 'if-none-match': ETAG, range: 'bytes=4-' }, 304, '', null],
])('%j is answered %i with "%s"', async (asked, status, text, range) => {
  const { get } = await withPackage()
  const answer = await get(asked)
  expect([answer.status, answer.text, answer.headers.get('content-range')]).toEqual([status, text, range])
})

test('a range that begins past the end is refused with the length', async () => {
  const { get } = await withPackage()
  const { status, headers, text } = await get({ range: 'bytes=10-' })
  expect([status, headers.get('content-range')]).toEqual([416, 'bytes */10'])
  expect(JSON.parse(text)).toMatchObject({ message: expect.stringContaining('10 bytes') })
})

test('HEAD tells what GET would, without the bytes', async () => {
  const { get } = await withPackage()
  const { status, headers, text } = await get({}, 'HEAD')
  expect([status, text, headers.get('content-length'), headers.get('etag')]).toEqual([200, '', '10', ETAG])
})

test.each([
  ['a digest nobody published', `/packages/${'0'.repeat(64)}/metrics-1.0.0.tar.gz`],
  ['another file name', `/packages/${DIGEST}/other.tar.gz`],
  ['no digest at all', '/packages/bootserver.db/metrics-1.0.0.tar.gz'],
  ['a path upwards', '/packages/..%2f..%2fetc/passwd'],
  ['a path upwards in the file', `/packages/${DIGEST}/..%2f..%2fbootserver.db`],
  ['a NUL', `/packages/${DIGEST}%00/metrics-1.0.0.tar.gz`],
])('%s is not found', async (_, path) => {
  const { server } = await withPackage()
  expect(await server.ask('GET', path)).toMatchObject({ status: 404, json: { code: 'not-found' } })
})

test('bytes that are gone from the disk are an error of ours, and the server lives on', async () => {
  const { server, get } = await withPackage()
  await unlink(join(server.data, 'blobs', DIGEST))
  const { status, headers, text } = await get({ range: 'bytes=4-' })
  expect([status, JSON.parse(text)]).toMatchObject([500, { code: 'internal' }])
  // Or a cache on the way would keep the refusal as the package.
  expect(headers.get('cache-control')).toBeNull()
  expect((await server.ask('GET', '/health')).status).toBe(200)
})
