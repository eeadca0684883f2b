import type { ServerResponse } from 'node:http'
import { answerJson, jsonOf, listenHttp, type TestServer } from './servers.ts'

/** One request as a server saw it. */
export interface Asked {
  /** The server's own name in the test. */
  readonly server: string
  readonly path: string
  readonly body: Readonly<Record<string, unknown>>
}

/** What a server says to one request: a value is sent as JSON; a number is a status without a body; a function does as it likes. */
export type Saying = object | number | ((response: ServerResponse) => void | Promise<void>)

/** A server that writes each request into the test's diary, and answers by its script. */
export async function scriptedServer(name: string, diary: Asked[], script: (asked: Asked) => Saying): Promise<TestServer> {
  return listenHttp(async (request, response) => {
    const asked: Asked = { server: name, path: request.url ?? '', body: (await jsonOf(request)) as Asked['body'] }
    diary.push(asked)
    const said = script(asked)
    if (typeof said === 'function') await said(response)
    else if (typeof said === 'number') response.writeHead(said).end()
    else answerJson(response, said)
  })
}
