import { PROBLEMS, Problem, ROUTES, type RouteName } from '@bootagent/protocol'
import { CliError } from './errors.ts'
import { exchange, type Reply, type Server, type Upload } from './exchange.ts'
import { type OutputOf, readWith, type Schema } from './schema.ts'

/** A route that operators may call. */
type OperatorRoute = { [N in RouteName]: (typeof ROUTES)[N]['who'] extends 'operator' ? N : never }[RouteName]

/** The parts of a route that a caller gives: only what the route has, and all of it. */
type Ask<N extends OperatorRoute> = {
  readonly route: N
  readonly params: Readonly<Record<ParamOf<(typeof ROUTES)[N]['path']>, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body: BodyOf<(typeof ROUTES)[N]['request']>
}

type ParamOf<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamOf<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never
type BodyOf<Request> = Request extends 'bytes' ? Upload : Request extends Schema ? OutputOf<Request> : null
type ReplyOf<N extends OperatorRoute> = OutputOf<(typeof ROUTES)[N]['reply']>

/** Calls one door of the server and judges what comes back. Throws CliError: usage for a body the route would not take. */
export async function callRoute<N extends OperatorRoute>(server: Server, ask: Ask<N>): Promise<ReplyOf<N>> {
  const route = ROUTES[ask.route]
  const path = fillPath(route.path, ask.params) + queryOf(ask.query ?? {})
  const reply = await exchange(server, { method: route.method, path, body: await payload(route.request, ask.body) })
  if (reply.status < 200 || reply.status > 299) throw await refusal(server, reply)
  const judged = await readWith(route.reply as Schema<ReplyOf<N>>, reply.json)
  if ('refused' in judged) {
    throw new CliError('strange-reply', `${server.url} answered what this bootfleet cannot read: ${judged.refused}`)
  }
  return judged.value
}

function fillPath(path: string, params: Readonly<Record<string, string>>): string {
  return path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''))
}

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return given.length === 0 ? '' : `?${new URLSearchParams(given).toString()}`
}

async function payload(request: Schema | 'bytes' | null, body: unknown): Promise<string | Upload | null> {
  if (request === null) return null
  if (request === 'bytes') return body as Upload
  const judged = await readWith(request, body)
  if ('refused' in judged) throw new CliError('usage', judged.refused)
  return JSON.stringify(body)
}

async function refusal(server: Server, reply: Reply): Promise<CliError> {
  const judged = await readWith(Problem, reply.json)
  if ('refused' in judged) {
    return new CliError('strange-reply', `${server.url} answered ${reply.status}, but not as bootserver does: is it bootserver?`)
  }
  const { code, message } = judged.value
  const advice = reply.status === PROBLEMS['token-needed'] ? ' (--token-file or BOOTFLEET_TOKEN_FILE)' : ''
  return new CliError(code === 'busy' ? 'busy' : 'refused', `the server refused: ${message}${advice}`)
}
