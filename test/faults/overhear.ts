import { createServer, request as ask, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a host has told its server, in the order it came in. */
export interface Overheard {
  /** What `moment` answered when the whole of it was here. */
  readonly at: number
  readonly path: string
  readonly body: unknown
}

/** Somebody between a host and its server who passes everything on and remembers it. */
export interface Listener {
  readonly url: string
  readonly heard: readonly Overheard[]
  close(): void
}

/** Listens between a host and the server at `url`; `moment` tells when something was said. */
export async function overhear(url: string, moment: () => number): Promise<Listener> {
  const heard: Overheard[] = []
  const server = createServer((from, to) => {
    void bodyOf(from).then((bytes) => {
      const path = from.url ?? ''
      if (from.method === 'POST') heard.push({ at: moment(), path, body: JSON.parse(bytes.toString('utf8')) as unknown })
      const on = ask(`${url}${path}`, { method: from.method ?? 'GET', headers: from.headers }, (answer) => {
        to.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(to)
      })
      on.once('error', () => to.destroy())
      on.end(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    close() {
      server.close()
      server.closeAllConnections()
    },
  }
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  for await (const piece of message) pieces.push(piece as Buffer)
  return Buffer.concat(pieces)
}
