import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A package server that begins every answer and ends none. */
export interface StallingPackages {
  readonly url: string
  /** Resolves when somebody has asked for a package. */
  readonly asked: Promise<void>
  close(): Promise<void>
}

export async function startStallingPackages(): Promise<StallingPackages> {
  const asked = Promise.withResolvers<void>()
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/octet-stream' })
    response.write('the beginning of a package')
    asked.resolve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: asked.promise,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
