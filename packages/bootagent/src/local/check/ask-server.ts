import { type RequestOptions, request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { LookupFunction } from 'node:net'
import { ROUTES, type ServerAddress } from '@bootagent/protocol'
import { connectionError } from '../../remote/exchange.ts'
import { findAddresses, type FoundAddresses } from './find-addresses.ts'
import type { Asked, Stage } from './judge-servers.ts'

/** How a server is asked; times in milliseconds. */
export interface AskSettings {
  /** Until its name is looked up; and from then until a connection stands, TLS included. */
  readonly connect: number
  /** From then until it has begun to answer. */
  readonly answer: number
  /** PEM certificates to trust for https; this program's own when undefined. */
  readonly ca: string | undefined
}

/**
 * Asks a server for its health: nothing is registered by that and nothing reported, and whatever HTTP answers to it is an answer; one that
 * knows no more than the seed has no such route, and says so. Told is how far it came: its name, the connection, TLS, the answer.
 */
export async function askServer(server: ServerAddress, settings: AskSettings): Promise<Asked> {
  const host = server.host.replace(/^\[|\]$/g, '')
  const found = await findAddresses(host, settings.connect)
  if (found.kind === 'unknown') return { kind: 'failed', stage: 'name', code: found.code, why: found.why }
  const options = {
    host,
    port: server.port,
    path: ROUTES.health.path,
    method: ROUTES.health.method,
    agent: false,
    lookup: lookupOf(found),
    ...(settings.ca === undefined ? {} : { ca: settings.ca }),
    headers: { accept: 'application/json', 'accept-encoding': 'identity', connection: 'close' },
  }
  return ask(server.protocol === 'https', options, settings)
}

/** Answers with what was found before. */
function lookupOf({ addresses }: Extract<FoundAddresses, { kind: 'found' }>): LookupFunction {
  return (_host, { all }, callback) => {
    const [first] = addresses
    if (all === true) callback(null, [...addresses])
    else callback(null, first?.address ?? '', first?.family ?? 4)
  }
}

function ask(secure: boolean, options: RequestOptions, { connect, answer }: AskSettings): Promise<Asked> {
  const { promise, resolve } = Promise.withResolvers<Asked>()
  let stage: Stage = 'connection'
  const request = secure ? httpsRequest(options) : httpRequest(options)
  const end = (asked: Asked) => {
    resolve(asked)
    request.destroy()
  }
  const late = (what: string, ms: number) => () =>
    end({ kind: 'failed', stage, code: 'TIMEOUT', why: `${what} within ${ms / 1000} s` })
  const connecting = setTimeout(late('none', connect), connect)
  const answering = setTimeout(late('none', connect + answer), connect + answer)
  request.on('socket', (socket) => {
    socket.once('connect', () => (stage = secure ? 'TLS' : 'answer'))
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      stage = 'answer'
      clearTimeout(connecting)
    })
  })
  request.on('response', ({ statusCode = 0 }) => end({ kind: 'answered', status: statusCode }))
  request.on('error', (error) => {
    const { message } = connectionError(error)
    end({ kind: 'failed', stage, code: (error as NodeJS.ErrnoException).code ?? '', why: message })
  })
  request.end()
  return promise.finally(() => {
    clearTimeout(connecting)
    clearTimeout(answering)
  })
}
