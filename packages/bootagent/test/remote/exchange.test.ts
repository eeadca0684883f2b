import type { RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { gzipSync } from 'node:zlib'
import { MAX_REPLY_BYTES, MAX_REPORT_BYTES, type ServerAddress } from '@bootagent/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import { exchange, type ExchangeSettings } from '../../src/remote/exchange.ts'
import { RemoteError, type RemoteErrorCode } from '../../src/remote/remote-error.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { answerJson, deadAddress, jsonOf, listenHttp, listenHttps, listenRaw } from './servers.ts'

/** Long enough for any loopback; tests in which somebody is silent shorten what they wait for. */
const PATIENT: ExchangeSettings = { connect: 30_000, whole: 30_000, ca: undefined }
const SOON = 200

async function ask(server: ServerAddress, settings: Partial<ExchangeSettings & { signal: AbortSignal }> = {}): Promise<unknown> {
  const answer = await exchange(
    { server, path: '/agent/status' },
    { a: 1 },
    { ...PATIENT, signal: new AbortController().signal, ...settings },
  )
  return answer.value
}

/** What the operator reads when this server is asked. */
async function failure(
  server: ServerAddress,
  settings: Partial<ExchangeSettings & { signal: AbortSignal }> = {},
): Promise<RemoteError> {
  const error = await ask(server, settings).then(
    (value) => new Error(`it was answered: ${JSON.stringify(value)}`),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof RemoteError)) throw error
  return error
}

function code(expected: RemoteErrorCode, message?: string) {
  return expect.objectContaining({ code: expected, message: expect.stringContaining(message ?? '') })
}

describe('one exchange', () => {
  test('is one POST of JSON on a connection of its own, and brings the answer back', async () => {
    const seen: unknown[] = []
    const server = await listenHttp(async (request, response) => {
      const { method, url, httpVersion, headers } = request
      seen.push({
        method,
        url,
        httpVersion,
        connection: headers.connection,
        type: headers['content-type'],
        encoding: headers['accept-encoding'],
        body: await jsonOf(request),
      })
      answerJson(response, { status: 0 })
    })
    expect([await ask(server), await ask(server)]).toEqual([{ status: 0 }, { status: 0 }])
    const one = {
      method: 'POST',
      url: '/agent/status',
      httpVersion: '1.1',
      connection: 'close',
      type: 'application/json',
      encoding: 'identity',
      body: { a: 1 },
    }
    expect(seen).toEqual([one, one])
    expect(server.connections()).toBe(2)
    await server.quiet()
  })

  test('goes by IPv6 too, whose address a list writes in brackets', async () => {
    const server = await listenHttp((_, response) => answerJson(response, 6), '::1')
    expect([server.host, await ask(server)]).toEqual(['[::1]', 6])
  })

  test('takes an answer of just 1 MB', async () => {
    const text = 'x'.repeat(MAX_REPLY_BYTES - 2)
    const server = await listenHttp((_, response) => answerJson(response, text))
    expect(await ask(server)).toBe(text)
  })

  test('takes the final answer when others go before it', async () => {
    const server = await listenHttp((_, response) => {
      for (let n = 0; n < 100; n += 1) response.writeProcessing()
      answerJson(response, 1)
    })
    expect(await ask(server)).toBe(1)
  })
})

describe('a report', () => {
  const settings = { ...PATIENT, signal: new AbortController().signal }

  test('of more than 64 KB is refused before anyone is asked', async () => {
    const server = await listenRaw(() => undefined)
    const report = exchange({ server, path: '/' }, 'x'.repeat(MAX_REPORT_BYTES - 1), settings)
    await expect(report).rejects.toEqual(code('report-too-large', `${MAX_REPORT_BYTES + 1} bytes`))
    expect(server.connections()).toBe(0)
  })

  // Counted as they are sent: a character may be three of them.
  test('of just 64 KB is sent whole', async () => {
    const server = await listenHttp(async (request, response) =>
      answerJson(response, Buffer.byteLength(JSON.stringify(await jsonOf(request)))),
    )
    const report = '长'.repeat((MAX_REPORT_BYTES - 4) / 3) + 'xx'
    expect((await exchange({ server, path: '/' }, report, settings)).value).toBe(MAX_REPORT_BYTES)
  })
})

describe('an answer that is none', () => {
  test.each<[string, RequestListener, RemoteErrorCode, string]>([
    ['a page', (_, response) => response.end('<html>'), 'not-understood', 'not JSON: it begins with "<html>"'],
    ['nothing', (_, response) => response.writeHead(200).end(), 'not-understood', 'not JSON'],
    ['204, which has no body', (_, response) => response.writeHead(204).end(), 'not-understood', 'not JSON'],
    [
      '206, which is a part of one, though its bytes are good JSON',
      (_, response) => response.writeHead(206, { 'content-range': 'bytes 0-9/99' }).end('{"status":0}'),
      'not-understood',
      'a part (206)',
    ],
    ['JSON cut short by its own length', (_, response) => response.end('{"status": 0'), 'not-understood', 'not JSON'],
    ['500', (_, response) => response.writeHead(500).end('{}'), 'refused', 'the server answered 500'],
    ['401', (_, response) => response.writeHead(401).end('{}'), 'denied', 'the server answered 401'],
    ['403', (_, response) => response.writeHead(403).end('{}'), 'denied', 'the server answered 403'],
    ['404', (_, response) => response.writeHead(404).end('{}'), 'refused', 'the server answered 404'],
    ['304', (_, response) => response.writeHead(304).end(), 'refused', 'the server answered 304'],
    [
      'more than 1 MB',
      (_, response) => response.end('x'.repeat(MAX_REPLY_BYTES + 1)),
      'not-understood',
      'larger than 1048576 bytes',
    ],
    // A few bytes could become gigabytes; nobody asked for it.
    [
      'a packed body',
      (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('{}')),
      'not-understood',
      'encoded as gzip',
    ],
  ])('%s', async (_, answer, expected, message) => {
    const server = await listenHttp(answer)
    expect(await failure(server)).toEqual(code(expected, message))
    await server.quiet()
  })

  // Whoever stands between could send a host anywhere.
  test('a redirect is not followed', async () => {
    const elsewhere = await listenHttp((_, response) => answerJson(response, 'elsewhere'))
    const location = `http://127.0.0.1:${elsewhere.port}/`
    const server = await listenHttp((_, response) => response.writeHead(307, { location }).end())
    expect(await failure(server)).toEqual(code('refused', '307'))
    expect(elsewhere.connections()).toBe(0)
  })

  test('a body without an end is left when it has more than 1 MB', async () => {
    const server = await listenHttp((_, response) => {
      const pour = () => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      }
      response.on('drain', pour)
      pour()
    })
    expect(await failure(server)).toEqual(code('not-understood', 'larger than'))
    await server.quiet()
  })
})

describe('Retry-After', () => {
  test.each<[string, number | undefined]>([
    ['30', 30],
    ['0', 0],
    ['999999999', 999_999_999],
    ['99999999999999999999', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['soon', undefined],
    // Our own clock may be wrong by years.
    ['Wed, 21 Oct 2015 07:28:00 GMT', undefined],
  ])('of a 503: %s', async (header, seconds) => {
    const server = await listenHttp((_, response) => response.writeHead(503, { 'retry-after': header }).end())
    expect(await failure(server)).toMatchObject({ code: 'refused', retryAfter: seconds })
  })

  test('is asked for by whoever refuses, and by nobody else', async () => {
    const busy = await listenHttp((_, response) => response.writeHead(429, { 'retry-after': '7' }).end())
    expect((await failure(busy)).retryAfter).toBe(7)
    const confused = await listenHttp((_, response) => response.writeHead(200, { 'retry-after': '7' }).end('?'))
    expect((await failure(confused)).retryAfter).toBeUndefined()
  })
})

describe('a connection that comes to nothing', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n'

  /** Waits for the request, so that the answer meets a client that is all ears. */
  const afterRequest = (act: (socket: Socket) => void) => (socket: Socket) => socket.once('data', () => act(socket))

  test.each<[string, (socket: Socket) => void, RemoteErrorCode]>([
    ['reset as soon as it stands', (socket) => socket.resetAndDestroy(), 'cut'],
    ['closed as soon as it stands', (socket) => socket.destroy(), 'cut'],
    ['reset instead of an answer', afterRequest((socket) => socket.resetAndDestroy()), 'cut'],
    ['closed in the middle of the headers', afterRequest((socket) => socket.end(HEAD.slice(0, 20))), 'cut'],
    ['closed in the middle of the body', afterRequest((socket) => socket.end(`${HEAD}{"status"`)), 'cut'],
  ])('%s', async (_, act, expected) => {
    expect(await failure(await listenRaw(act))).toEqual(code(expected))
  })

  // What was acknowledged must never rest on half an answer: wherever it is cut, it is none.
  describe.each<[string, string]>([
    ['with its length', `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 23\r\n\r\n{"status": 0,"jobs":[]}`],
    ['in chunks', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7\r\n{"statu\r\n10\r\ns": 0,"jobs":[]}\r\n0\r\n\r\n'],
  ])('in the middle of an answer %s', (__, answer) => {
    test('that is whole is an answer', async () => {
      expect(await ask(await listenRaw(afterRequest((socket) => socket.end(answer))))).toEqual({ status: 0, jobs: [] })
    })

    test.each<[string, (socket: Socket, part: string) => void]>([
      ['closed', (socket, part) => socket.end(part)],
      ['reset', (socket, part) => socket.write(part, () => socket.resetAndDestroy())],
    ])('%s at each of its bytes, is none', async (_, cut) => {
      let at = 0
      const server = await listenRaw(afterRequest((socket) => cut(socket, answer.slice(0, at))))
      for (at = 0; at < answer.length; at += 1) expect([at, await failure(server)]).toEqual([at, code('cut')])
      await server.quiet()
    })
  })

  test.each<[string, string]>([
    ['speaks something else', 'SSH-2.0-OpenSSH_9.2\r\n'],
    ['has no end of headers', `HTTP/1.1 200 OK\r\n${'x-more: of the same\r\n'.repeat(100_000)}\r\n{}`],
    ['gives two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['counts its chunks wrongly', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}'],
  ])('to a server that %s', async (_, said) => {
    const server = await listenRaw(afterRequest((socket) => socket.write(said)))
    expect((await failure(server)).message).not.toBe('')
    await server.quiet()
  })

  test('where nothing listens', async () => {
    expect(await failure(await deadAddress())).toEqual(code('unreachable', 'nothing listens there (connection refused)'))
  })

  // RFC 6761: no name under .invalid is ever known.
  test('where the name is not known', async () => {
    const error = await failure({ protocol: 'http', host: 'no-such-host.invalid', port: 80 })
    expect(error).toEqual(code('unreachable', 'its name'))
  })
})

describe('a server that keeps us waiting', () => {
  test.each<[string, (socket: Socket) => void]>([
    ['takes the connection and says nothing', () => undefined],
    ['sends half a body and then nothing', (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"status"')],
    ['sends its headers a byte at a time', drip],
  ])('and %s is left when the time for a whole answer is up', async (_, act) => {
    const server = await listenRaw(act)
    expect(await failure(server, { whole: SOON })).toEqual(code('timeout', 'no whole answer within 0.2 s'))
    await server.quiet()
  })

  test('and never says who it is is left when the time for a connection is up', async () => {
    const server = await listenRaw(() => undefined)
    expect(await failure({ ...server, protocol: 'https' }, { connect: SOON })).toEqual(
      code('timeout', 'no connection within 0.2 s'),
    )
    await server.quiet()
  })
})

function drip(socket: Socket): void {
  const letters = 'x: y\r\n'
  let at = 0
  socket.write('HTTP/1.1 200 OK\r\n')
  const dripping = setInterval(() => socket.write(letters.charAt(at++ % letters.length)), 5)
  socket.once('close', () => clearInterval(dripping))
}

describe('an exchange that is called off', () => {
  test('ends at once, and leaves no connection behind', async () => {
    const called = new AbortController()
    const server = await listenRaw((socket) => socket.once('data', () => called.abort()))
    expect(await failure(server, { signal: called.signal })).toEqual(code('unreachable', 'aborted'))
    await server.quiet()
  })

  test('before it has begun asks nobody', async () => {
    const server = await listenRaw(() => undefined)
    expect(await failure(server, { signal: AbortSignal.abort() })).toEqual(code('unreachable'))
    expect(server.connections()).toBe(0)
  })

  test('in the middle of the answer ends like any other', async () => {
    const called = new AbortController()
    const server = await listenRaw((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{', () => called.abort())),
    )
    expect(await failure(server, { signal: called.signal })).toBeInstanceOf(RemoteError)
    await server.quiet()
  })
})

describe('https', () => {
  let ours: Certificates
  let strangers: Certificates
  beforeAll(() => {
    ours = makeCertificates('IP:127.0.0.1')
    strangers = makeCertificates('IP:127.0.0.1')
  })
  const answer: RequestListener = (_, response) => answerJson(response, 'in private')

  test('to a server our authority vouches for', async () => {
    expect(await ask(await listenHttps(ours, answer), { ca: ours.ca })).toBe('in private')
  })

  test('to a server another authority vouches for: nothing is sent', async () => {
    const asked: string[] = []
    const server = await listenHttps(strangers, (request, response) => {
      asked.push(request.url ?? '')
      answerJson(response, 'from a stranger')
    })
    expect(await failure(server, { ca: ours.ca })).toEqual(code('unreachable'))
    expect(asked).toEqual([])
  })

  test('to a server of our own authority that the system does not know', async () => {
    expect(await failure(await listenHttps(ours, answer))).toEqual(code('unreachable'))
  })

  test('to a server whose certificate is another’s', async () => {
    const elsewhere = makeCertificates('DNS:elsewhere.example')
    expect(await failure(await listenHttps(elsewhere, answer), { ca: elsewhere.ca })).toEqual(
      code('unreachable', 'does not match'),
    )
  })

  test('to a server that speaks http', async () => {
    const server = await listenHttp(answer)
    expect(await failure({ ...server, protocol: 'https' }, { ca: ours.ca })).toBeInstanceOf(RemoteError)
  })
})
