import type { Problem } from '@bootagent/protocol'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it came. */
export interface Request {
  /** `GET /api/v1/hosts`, without the query. */
  readonly door: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** What is answered: JSON with status 200 unless another is given, or text that is not JSON. */
export type Answer =
  | { readonly status?: number; readonly json: object }
  | { readonly status: number; readonly text: string; readonly location?: string }

/** A door and what it answers. */
export type Script = Readonly<Record<string, (request: Request) => Answer | Promise<Answer>>>

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string
  /** Everything that was asked, in order. */
  readonly requests: Request[]
  /** The bodies of the POSTs, read. */
  posted(): unknown[]
}

/** A server on loopback that answers by a script and refuses, as bootserver does, what is not in it. */
export async function scriptedServer(script: Script): Promise<ScriptedServer> {
  const requests: Request[] = []
  const server = createServer((message, response) => {
    void answer(message).then(respond, bearCutOff)

    function respond(given: Answer): void {
      const body = 'json' in given ? JSON.stringify(given.json) : given.text
      const location = 'location' in given ? { location: given.location } : {}
      response.writeHead(given.status ?? 200, { 'content-type': 'application/json', ...location }).end(body)
    }
  })

  async function answer(message: IncomingMessage): Promise<Answer> {
    const url = new URL(message.url ?? '', 'http://server')
    const door = `${message.method} ${url.pathname}`
    const body = Buffer.concat(await message.toArray())
    const request = { door, query: Object.fromEntries(url.searchParams), headers: message.headers, body }
    requests.push(request)
    return script[door]?.(request) ?? refuse(404, 'not-found', `there is no ${door}`)
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    posted: () =>
      requests.filter(({ door }) => door.startsWith('POST')).map(({ body }) => JSON.parse(body.toString()) as unknown),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A refusal as bootserver words it. */
export function refuse(status: number, code: string, message: string): Answer {
  return { status, json: { code, message } satisfies Problem }
}

/** A request that ended before its body had come has nobody left to answer. */
function bearCutOff(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ECONNRESET') throw error
}
