import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Answer } from './answers.ts'
import type { Inbox } from './inbox.ts'

/** A request that waits for its answer. */
export interface Asked {
  /** The address of the server it came to. */
  readonly server: string
  readonly method: string
  readonly path: string
  /** Of HTTP. */
  readonly version: string
  readonly headers: IncomingHttpHeaders
  /** 1 for the first on its connection. */
  readonly nth: number
  readonly text: string
  answer(how: Answer): void
}

/** A control server that knows the seed and nothing else, and says what the case tells it to say. */
export interface SeedServer {
  /** `host:port`, as a server list has it. */
  readonly address: string
  /** Hands out a file from now on, at the URL returned. */
  serve(path: string, bytes: Buffer): string
  close(): Promise<void>
}

/** Listens, on a free port of the loopback unless told where. Posts go to the inbox; the files it serves it hands out itself. */
export async function openSeedServer(inbox: Inbox<Asked>, at = { host: '127.0.0.1', port: 0 }): Promise<SeedServer> {
  const files = new Map<string, Buffer>()
  const asked = new WeakMap<Socket, number>()
  const http = createServer((request, response) => {
    const nth = (asked.get(request.socket) ?? 0) + 1
    asked.set(request.socket, nth)
    const file = request.method === 'GET' ? files.get(request.url ?? '') : undefined
    if (file !== undefined) return void response.writeHead(200, { 'content-length': file.length }).end(file)
    readAsked(request).then(
      (read) => inbox.put({ ...read, server: address, nth, answer: (how) => how(response) }),
      // Cut before it was whole: a killed BootAgent's request is nobody's.
      () => response.destroy(),
    )
  })
  http.listen(at)
  await once(http, 'listening')
  const address = `${at.host}:${(http.address() as AddressInfo).port}`
  return {
    address,
    serve(path, bytes) {
      files.set(path, bytes)
      return `http://${address}${path}`
    },
    async close() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}

async function readAsked(request: IncomingMessage): Promise<Pick<Asked, 'method' | 'path' | 'version' | 'headers' | 'text'>> {
  const { method = '', url: path = '', httpVersion: version, headers } = request
  return { method, path, version, headers, text: await text(request) }
}
