import { strict as assert } from 'node:assert'
import { type IncomingHttpHeaders, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { buffer } from 'node:stream/consumers'
import type { ServerGround } from './server-case.ts'

/** One request on a connection of its own, as the seed's hosts make them. */
export interface Question {
  readonly method: string
  /** A path on the server, or a whole URL. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
}

/** What came back, whole. */
export interface Answer {
  readonly status: number
  readonly version: string
  readonly headers: IncomingHttpHeaders
  readonly bytes: Buffer
}

/** Asks the server once. Rejects when there is no whole answer in the case's time. */
export function ask({ url, signal }: Pick<ServerGround, 'url' | 'signal'>, question: Question): Promise<Answer> {
  const { method, path, headers, body } = question
  const to = new URL(path, url)
  const send = to.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const request = send(to, { method, agent: false, signal, headers: { connection: 'close', ...headers } })
    request.on('response', (response) => {
      const { statusCode: status = 0, httpVersion: version } = response
      buffer(response).then((bytes) => resolve({ status, version, headers: response.headers, bytes }), reject)
    })
    request.on('error', (error) =>
      reject(signal.aborted ? new Error(`no answer to ${method} ${path} in time`, { cause: error }) : error),
    )
    request.end(body)
  })
}

/** The answer's body as JSON; throws a sentence when it is none. */
export function jsonOf({ bytes, status }: Answer): unknown {
  const text = bytes.toString('utf8')
  try {
    return JSON.parse(text)
  } catch (error) {
    return assert.fail(`the answer (${status}) is not JSON (${(error as Error).message}): ${JSON.stringify(text.slice(0, 80))}`)
  }
}
