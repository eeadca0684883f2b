import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import { once } from 'node:events'

/** Stands between hosts and their server, and answers nobody whose words hold what is forbidden. */
export interface DeafProxy {
  readonly url: string
  /** Words that silence who says them. */
  readonly forbidden: Set<string>
  close(): void
}

export async function openDeafProxy(to: string): Promise<DeafProxy> {
  const forbidden = new Set<string>()
  const server: Server = createServer(async (incoming, outgoing) => {
    const body = await textOf(incoming)
    if ([...forbidden].some((word) => body.includes(word))) {
      outgoing.writeHead(503).end()
      return
    }
    const { method, url, headers } = incoming
    const passed = request(`${to}${url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    passed.on('error', () => outgoing.destroy())
    // Byte for byte, as it was read: what is not ASCII would grow, and be cut at the length that was announced.
    passed.end(body, 'latin1')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    forbidden,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of incoming) pieces.push(piece as Buffer)
  return Buffer.concat(pieces).toString('latin1')
}
