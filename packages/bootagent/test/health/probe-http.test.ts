import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { createFakeClock } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { deadAddress, listenHttp, listenRaw } from '../remote/servers.ts'
import { check } from './place.ts'

test.each([200, 204, 299, 301, 302, 304, 399])('status %i is well', async (status) => {
  const { port } = await listenHttp((_, response) => response.writeHead(status, { location: '/elsewhere' }).end())
  expect(await check({ kind: 'http', url: `http://127.0.0.1:${port}/` })).toEqual({ ok: true })
})

test.each([400, 401, 404, 500, 503, 999])('status %i is not', async (status) => {
  const { port } = await listenHttp((_, response) => response.writeHead(status).end('no'))
  const url = `http://127.0.0.1:${port}/health`
  expect(await check({ kind: 'http', url })).toEqual({ ok: false, why: `GET ${url} answered ${status}` })
})

test('it asks for what the url says, once, and without a trace of its own environment', async () => {
  const asked: IncomingMessage[] = []
  const server = await listenHttp((request, response) => {
    asked.push(request)
    response.writeHead(302, { location: '/trap' }).end()
  })
  await check({ kind: 'http', url: `http://127.0.0.1:${server.port}/a%20b/../health?x=1&y=%2f` })
  expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual(['GET /health?x=1&y=%2f'])
  expect(asked[0]?.headers).toEqual({ 'user-agent': 'bootagent', connection: 'close', host: `127.0.0.1:${server.port}` })
  await server.quiet()
})

test.each(['127.0.0.1', '::1'])('localhost is %s, whichever the agent listens at', async (address) => {
  const { port } = await listenHttp((_, response) => response.end(), address)
  expect(await check({ kind: 'http', url: `http://localhost:${port}/` })).toEqual({ ok: true })
})

test('IPv6 alone is asked when the url says so', async () => {
  const { port } = await listenHttp((_, response) => response.end(), '::1')
  expect(await check({ kind: 'http', url: `http://[::1]:${port}` })).toEqual({ ok: true })
})

test.each(['127.0.0.1', 'localhost', '[::1]'])('where nobody listens at %s, the connection is refused', async (host) => {
  const { port } = await deadAddress()
  const url = `http://${host}:${port}/`
  expect(await check({ kind: 'http', url })).toEqual({ ok: false, why: `GET ${url} was refused: nothing listens there` })
})

test.each(['http://127.0.0.1:0/', 'http://127.0.0.1:65536/', 'http://127.0.0.1:99999'])(
  'no such port, as in %s, is a failure and no fault',
  async (url) => {
    expect(await check({ kind: 'http', url })).toMatchObject({ ok: false, why: expect.stringContaining(`GET ${url} `) })
  },
)

/** What an agent may send instead of an answer, and what is said of it. */
const MISCONDUCT: Readonly<Record<string, { does: (socket: Socket) => void; said: string }>> = {
  'no HTTP': { does: (socket) => socket.end('220 welcome\r\n'), said: 'was answered by what is not HTTP' },
  'bytes at random': { does: (socket) => socket.end(Buffer.alloc(100_000, 0xfe)), said: 'was answered by what is not HTTP' },
  'a header without end': {
    does: (socket) => socket.end(`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(200_000)}`),
    said: 'was answered by what is not HTTP',
  },
  'nothing at all': { does: (socket) => socket.end(), said: 'was cut before there was an answer' },
  'half a header': { does: (socket) => socket.end('HTTP/1.1 200'), said: 'was cut before there was an answer' },
  'a reset': { does: (socket) => socket.resetAndDestroy(), said: 'was cut before there was an answer' },
  'another protocol': {
    does: (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    said: 'was cut before there was an answer',
  },
}

test.each(Object.keys(MISCONDUCT))('an agent that answers with %s is not well', async (name) => {
  const misconduct = MISCONDUCT[name]
  const { port } = await listenRaw((socket) => socket.once('data', () => misconduct?.does(socket)))
  const url = `http://127.0.0.1:${port}/`
  expect(await check({ kind: 'http', url })).toEqual({ ok: false, why: `GET ${url} ${misconduct?.said}` })
})

test.each([
  ['never ends', '\r\n'],
  ['is cut short', 'content-length: 1000000000\r\n\r\n'],
])('the status decides, though the body %s; no more of it is read than 64 KiB and what is on its way', async (how, rest) => {
  let sent = 0
  const server = await listenRaw((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${rest}`)
    if (how === 'is cut short') socket.end('x')
    else pour(socket)
  })
  function pour(socket: Socket): void {
    while (!socket.destroyed && socket.write(Buffer.alloc(16_384))) sent += 16_384
    socket.once('drain', () => pour(socket))
  }
  expect(await check({ kind: 'http', url: `http://127.0.0.1:${server.port}/` })).toEqual({ ok: true })
  await server.quiet()
  expect(sent).toBeLessThan(64 * 1024 * 1024)
})

/** Waits until the server has heard something, and then lets the check's time pass. */
async function checkUntilLate(hear: (socket: Socket) => void): Promise<unknown> {
  const heard = Promise.withResolvers<void>()
  const server = await listenRaw((socket) => socket.once('data', () => heard.resolve(hear(socket))))
  const clock = createFakeClock()
  const result = check({ kind: 'http', url: `http://127.0.0.1:${server.port}/`, timeout: 2 }, { clock })
  await heard.promise
  await clock.advance(2000)
  await server.quiet()
  return result
}

test('an agent that does not answer in time is not well, and is hung up on', async () => {
  expect(await checkUntilLate(() => undefined)).toMatchObject({
    ok: false,
    why: expect.stringMatching(/\/ took longer than 2 s$/),
  })
})

test('nor is one that begins to answer, and does not come to the status', async () => {
  const result = await checkUntilLate((socket) => socket.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200'))
  expect(result).toMatchObject({ ok: false, why: expect.stringMatching(/\/ took longer than 2 s$/) })
})

test('a check that is called off hangs up', async () => {
  const heard = Promise.withResolvers<void>()
  const server = await listenRaw((socket) => socket.once('data', () => heard.resolve()))
  const off = new AbortController()
  const result = check({ kind: 'http', url: `http://127.0.0.1:${server.port}/` }, { signal: off.signal })
  await heard.promise
  off.abort()
  expect(await result).toMatchObject({ ok: false })
  await server.quiet()
})
