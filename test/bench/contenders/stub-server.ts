import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { StatusReport } from '@bootagent/protocol'

/** The least a host can take for a control server: it accepts, acknowledges by answering, and has no jobs. */
export interface StubServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  /** Reports answered so far. */
  reports(): number
  close(): Promise<void>
}

/** Listens on a free port of the loopback. */
export async function openStubServer(): Promise<StubServer> {
  let reports = 0
  const http = createServer((request, response) => {
    json(request).then(
      (body) => {
        if (Array.isArray((body as Partial<StatusReport>).agents)) reports += 1
        response.setHeader('content-type', 'application/json').end('{"status":0,"jobs":[]}')
      },
      // Cut before it was whole: nobody waits for an answer.
      () => response.destroy(),
    )
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    address: `127.0.0.1:${(http.address() as AddressInfo).port}`,
    reports: () => reports,
    async close() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}
