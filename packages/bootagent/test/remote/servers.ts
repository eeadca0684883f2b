import { once } from 'node:events'
import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { ServerAddress } from '@bootagent/protocol'
import { onTestFinished } from 'vitest'

/** A server of the test's own, on a port of its own. */
export interface TestServer extends ServerAddress {
  /** How many connections have come so far. */
  readonly connections: () => number
  /** Resolves once no connection is left. */
  readonly quiet: () => Promise<void>
  /** Ends it, with every connection. */
  readonly close: () => Promise<void>
}

/** Does to each connection what it is told, below HTTP. What comes in is read, or the end of it would not be seen. */
export function listenRaw(onConnection: (socket: Socket) => void): Promise<TestServer> {
  const server = createServer((socket) => {
    onConnection(socket)
    socket.resume()
  })
  return open(server, 'http', '127.0.0.1')
}

/** An ordinary HTTP server on loopback, by IPv4 unless it is given another address. */
export function listenHttp(answer: RequestListener, host = '127.0.0.1'): Promise<TestServer> {
  return open(createHttpServer(answer), 'http', host)
}

/** The same behind TLS; key and certificate as PEM. */
export function listenHttps(proof: { key: string; cert: string }, answer: RequestListener): Promise<TestServer> {
  return open(createHttpsServer(proof, answer), 'https', '127.0.0.1')
}

/** An address at which nothing listens: it was a server's a moment ago. */
export async function deadAddress(): Promise<ServerAddress> {
  const server = await listenRaw(() => undefined)
  await server.close()
  return server
}

/** Answers with this value as JSON. */
export function answerJson(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json').end(JSON.stringify(value))
}

/** The JSON a request carries. */
export async function jsonOf(request: IncomingMessage): Promise<unknown> {
  return JSON.parse(await text(request))
}

async function open(server: Server, protocol: 'http' | 'https', host: string): Promise<TestServer> {
  const sockets = new Set<Socket>()
  let connections = 0
  let wake: () => void = () => undefined
  server.on('connection', (socket) => {
    connections += 1
    sockets.add(socket)
    // A hostile server is left in the middle of a word as a rule.
    socket.on('error', () => undefined)
    socket.once('close', () => {
      sockets.delete(socket)
      wake()
    })
  })
  server.listen(0, host)
  await once(server, 'listening')
  const close = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  onTestFinished(close)
  return {
    protocol,
    host: host.includes(':') ? `[${host}]` : host,
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    async quiet() {
      while (sockets.size > 0) await new Promise<void>((resolve) => (wake = resolve))
    },
    close,
  }
}
