import { formatServer, ROUTES, type ServerAddress, StatusReply, type StatusReport } from '@bootagent/protocol'
import * as v from 'valibot'
import { exchange, type ExchangeSettings } from './exchange.ts'
import { RemoteError } from './remote-error.ts'
import { roundFrom } from './rounds.ts'

/** What one round of servers came to. */
export type Round<Reply> =
  | { readonly kind: 'answered'; readonly index: number; readonly server: ServerAddress; readonly reply: Reply }
  /** Nobody gave a usable answer. */
  | ({ readonly kind: 'silent' } & Silence)

/** What a round without an answer came to. */
export interface Silence {
  /** What each server said. */
  readonly why: readonly string[]
  /** The longest time one asked to be left alone for. */
  readonly retryAfter: number | undefined
  /** Whether every one of them refused to let this host in. */
  readonly denied: boolean
}

/** The servers to ask, beginning with the one that answered last. */
export interface Servers {
  readonly list: readonly ServerAddress[]
  readonly current: number
}

/** Sends a status report to one server after another until one answers it properly. */
export function poll(
  servers: Servers,
  report: StatusReport,
  settings: ExchangeSettings & { signal: AbortSignal },
): Promise<Round<StatusReply>> {
  return askRound(servers, (server) =>
    askOne({ server, path: ROUTES.status.path }, { body: report, schema: StatusReply }, settings),
  )
}

/** Asks each server once until one answers; only a RemoteError counts as silence. */
export async function askRound<Reply>(servers: Servers, ask: (server: ServerAddress) => Promise<Reply>): Promise<Round<Reply>> {
  const why: string[] = []
  const waits: number[] = []
  let denied = servers.list.length > 0
  for (const { index, server } of roundFrom(servers.list, servers.current)) {
    try {
      return { kind: 'answered', index, server, reply: await ask(server) }
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error
      why.push(`${formatServer(server)}: ${error.message}`)
      if (error.retryAfter !== undefined) waits.push(error.retryAfter)
      denied &&= error.code === 'denied'
    }
  }
  return { kind: 'silent', why, retryAfter: waits.length === 0 ? undefined : Math.max(...waits), denied }
}

/** One exchange with one server, its answer judged by the message's schema. */
export async function askOne<Schema extends v.GenericSchema>(
  to: { server: ServerAddress; path: string },
  message: { body: unknown; schema: Schema },
  settings: ExchangeSettings & { signal: AbortSignal },
): Promise<v.InferOutput<Schema>> {
  const { carrier = exchange } = settings
  const answer = await carrier(to, message.body, settings)
  const reading = v.safeParse(message.schema, answer.value)
  if (reading.success) return reading.output
  const [issue] = reading.issues
  throw new RemoteError(
    'not-understood',
    `the answer is not as agreed: ${v.getDotPath(issue) ?? 'it'}: ${issue.message}`.slice(0, 300),
  )
}
