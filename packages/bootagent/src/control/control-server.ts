import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type Clock, createService, type Log, type Service } from '@bootagent/runtime'
import { type Entrance, portEntrance, socketEntrance } from './entrance.ts'
import { type Answer, answerRoute, type ControlPorts, PUBLIC_ROUTES, refuse, ROUTES } from './routes.ts'

/** What the control server is built from. */
export interface ControlParts {
  readonly ports: ControlPorts
  /** Path of the operators' socket. */
  readonly socket: string
  /** Where metrics are offered to everybody on this host; nowhere when absent. */
  readonly metrics: { readonly address: string; readonly port: number } | undefined
  readonly clock: Clock
  readonly log: Log
  /** Milliseconds until a request must have come whole; 5000. */
  readonly patience?: number
}

/**
 * Answers operators at the host. Nothing that goes wrong here ends it, or anything else of BootAgent: an entrance that cannot be opened,
 * or that somebody has taken away, is said in the log and tried again every minute.
 */
export function createControlServer(parts: ControlParts): Service {
  const { clock, log, metrics, socket } = parts
  return createService(async (signal, ready) => {
    const receptions = [
      createReception(socketEntrance(socket), (asked) => answerRoute(ROUTES, parts.ports, asked), parts),
      ...(metrics === undefined
        ? []
        : [createReception(portEntrance(metrics), (asked) => answerRoute(PUBLIC_ROUTES, parts.ports, asked), parts)]),
    ].filter(({ entrance: { impossible, where } }) => {
      if (impossible !== undefined) log.warn({ where, why: impossible }, 'there is no way for operators here')
      return impossible === undefined
    })
    try {
      do {
        for (const reception of receptions) await reception.see()
        ready()
      } while (await clock.sleep(CHECK, signal))
    } finally {
      for (const reception of receptions) await reception.close()
    }
  })
}

/** How often it is made sure that the entrances are there, in milliseconds. */
const CHECK = 60_000
const PATIENCE = 5000
const MOST_CONNECTIONS = 32
/** How long whoever is being answered may take to read it when we stop, in milliseconds. */
const FAREWELL = 1000

/** An entrance with the server behind it. */
interface Reception {
  readonly entrance: Entrance
  /** Opens it if it is not open. */
  see(): Promise<void>
  close(): Promise<void>
}

type AnswerFor = (asked: { readonly method: string; readonly url: string }) => Promise<Answer>

function createReception(entrance: Entrance, answerFor: AnswerFor, parts: ControlParts): Reception {
  const { log } = parts
  const waiting = new Set<ServerResponse>()
  let server: Server | undefined

  /** What the system refuses now it may give in a minute. */
  async function unlessRefused(what: string, task: () => Promise<void>): Promise<void> {
    try {
      await task()
    } catch (error) {
      if (!(error instanceof Error && 'syscall' in error)) throw error
      log.warn({ err: error, where: entrance.where }, what)
    }
  }

  async function open(): Promise<void> {
    server?.close()
    const opened = createHttpServer(parts, (request, response) => void serve(request, response))
    server = opened
    await entrance.open(opened)
    log.info({ where: entrance.where }, 'operators are answered')
  }

  /** Answers one request, whether or not anybody still listens: who goes away cancels nothing. */
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    waiting.add(response)
    response.on('error', (error) => log.debug({ err: error }, 'an answer was not fetched'))
    try {
      const { method = '', url = '' } = request
      const answer = refuseAtOnce(request) ?? (await answerFor({ method, url }))
      send(response, answer)
      answer.afterwards?.()
    } catch (error) {
      log.error({ err: error, url: request.url }, 'an operator could not be answered')
      send(response, refuse(500, 'BootAgent met something it did not expect; its log says what'))
    } finally {
      waiting.delete(response)
    }
  }

  return {
    entrance,
    see: () =>
      unlessRefused('operators cannot be answered here now', async () => {
        if (server?.listening !== true || !(await entrance.isOpen())) await open()
      }),
    async close() {
      if (server === undefined) return
      await unlessRefused('what stood for operators cannot be taken away', () => entrance.clear())
      const leaving = server
      for (const response of waiting) send(response, refuse(503, STOPPING))
      const closed = new Promise<void>((resolve) => leaving.close(() => resolve()))
      const enough = new AbortController()
      await Promise.race([closed, parts.clock.sleep(FAREWELL, enough.signal)])
      enough.abort()
      leaving.closeAllConnections()
    },
  }
}

type Listener = (request: IncomingMessage, response: ServerResponse) => void

function createHttpServer({ log, patience = PATIENCE }: ControlParts, listener: Listener): Server {
  const limits = {
    maxHeaderSize: 8192,
    headersTimeout: patience,
    requestTimeout: patience,
    // Not every second, as it would be otherwise: a host at rest is left at rest.
    connectionsCheckingInterval: patience,
  }
  const server = createServer(limits, listener)
  server.maxConnections = MOST_CONNECTIONS
  // Such as no descriptor left for one that came: it is closed, and the next is taken.
  server.on('error', (error) => log.debug({ err: error }, 'a connection could not be taken'))
  server.on('clientError', (_error, connection) => connection.destroy())
  return server
}

const STOPPING = 'BootAgent is being stopped; an order it has taken is carried out when it is started again'

/**
 * Nothing here needs a body. And over TCP only the names of this host are answered: a web page whose own name was made to mean
 * 127.0.0.1 must not read along in an operator's browser (as in ADR 0010).
 */
function refuseAtOnce({ headers, socket }: IncomingMessage): Answer | undefined {
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0)
    return refuse(413, 'a request here has no body')
  const overTcp = socket.remoteAddress !== undefined
  if (overTcp && !OWN_HOST.test(headers.host ?? '')) return refuse(403, 'only names of this host are answered')
  return undefined
}

const OWN_HOST = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/

function send(response: ServerResponse, { status, body, type }: Answer): void {
  if (response.headersSent) return
  response.writeHead(status, { 'content-type': type ?? 'application/json', connection: 'close' })
  response.end(type === undefined ? `${JSON.stringify(body)}\n` : String(body))
  // Who does not fetch it within this time does not get it.
  response.socket?.setTimeout(10_000, () => response.socket?.destroy())
}
