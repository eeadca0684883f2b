import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { StatusReport } from '@bootagent/protocol'

/** The least a host can take for a control server: it accepts, acknowledges by answering, and has the jobs it is given. */
export interface StubServer {
  /** `127.0.0.1:PORT`. */
  readonly address: string
  /** Reports answered so far. */
  reports(): number
  /** Puts a job into the next answer, and into no other. */
  give(job: Readonly<Record<string, unknown>>): void
  close(): Promise<void>
}

/** Listens on a free port of the loopback. */
export async function openStubServer(): Promise<StubServer> {
  let reports = 0
  const jobs: Readonly<Record<string, unknown>>[] = []
  const http = createServer((request, response) => {
    json(request).then(
      (body) => {
        const isReport = Array.isArray((body as Partial<StatusReport>).agents)
        if (isReport) reports += 1
        const answer = { status: 0, jobs: isReport ? jobs.splice(0) : [] }
        response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
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
    give: (job) => jobs.push(job),
    async close() {
      http.close()
      http.closeAllConnections()
      await once(http, 'close')
    },
  }
}
