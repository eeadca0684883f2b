import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { BootAgentError } from '../errors.ts'

/** What is asked of the BootAgent of this host. */
export interface Question {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** Milliseconds until it must have answered; without it there is no limit, as an order takes what it takes. */
  readonly patience?: number
}

/** What came of asking: a value that is what the route says, or why it is not. */
export type Reply = { readonly kind: 'answer'; readonly value: unknown } | { readonly kind: 'refused'; readonly message: string }

/**
 * Asks by the control socket. Throws `no-daemon` when nobody listens there, when it is not ours to ask, and when who listened has not
 * answered; the system's own error is its cause.
 */
export async function askDaemon(socket: string, question: Question): Promise<Reply> {
  const response = await exchange(socket, question)
  const said = await text(response).catch((error: unknown): never => {
    throw notAnswered(socket, error)
  })
  const body = parse(said)
  if (response.statusCode === 200) return { kind: 'answer', value: body }
  const message = (body as { message?: unknown } | undefined)?.message
  return { kind: 'refused', message: typeof message === 'string' ? message : `it answered with ${response.statusCode}` }
}

/** Whether that error says that nobody was there to take the question. */
export function isAbsent(error: unknown): boolean {
  return error instanceof BootAgentError && error.code === 'no-daemon' && ABSENT.includes(codeOf(error.cause))
}

function exchange(socket: string, { method, path, patience }: Question): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asked = request({
      socketPath: socket,
      method,
      path,
      ...(patience === undefined ? {} : { signal: AbortSignal.timeout(patience) }),
    })
    asked.once('response', resolve)
    asked.once('error', (error) => reject(notAnswered(socket, error)))
    asked.end()
  })
}

function notAnswered(socket: string, error: unknown): BootAgentError {
  const code = codeOf(error)
  if (ABSENT.includes(code)) return new BootAgentError('no-daemon', NOT_RUNNING, error)
  if (code === 'EACCES' || code === 'EPERM')
    return new BootAgentError('no-daemon', `${socket} is not yours to ask: be root`, error)
  return new BootAgentError('no-daemon', `BootAgent did not answer on ${socket}: ${(error as Error).message}`, error)
}

/** The kernel's words for nobody there: no socket, or one that a dead daemon has left; or a name no socket can have. */
const ABSENT: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED', 'ENAMETOOLONG', 'EINVAL']
const NOT_RUNNING = 'BootAgent is not running on this host: start it, or name its directories with --home and --run'

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}
