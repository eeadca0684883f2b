import { AgentName } from '@bootagent/protocol'
import * as v from 'valibot'
import { ORDER_ACTIONS, type OrderAction, type OrderOutcome } from '../job/local-order.ts'
import { METRICS_TYPE, metricsText } from './metrics.ts'
import type { AgentPicture, DaemonPicture, HostPicture } from './picture.ts'

/** What the control socket needs of the host. */
export interface ControlPorts {
  picture(): Promise<HostPicture>
  /** The last lines that an agent wrote. */
  lastWords(name: string): Promise<readonly string[] | undefined>
  /** Resolves when the order's job has ended. */
  order(action: OrderAction, name: string): Promise<OrderOutcome>
  /** What is known without looking at any agent. */
  daemon(): Promise<DaemonPicture & Pick<HostPicture, 'version'>>
  /** Ways to have BootAgent itself end; each returns at once. */
  readonly end: Readonly<Record<End, () => void>>
}

/** For good; for good with every agent stopped first; to be started again by its guard. */
export const ENDS = ['stop', 'drain', 'restart'] as const
export type End = (typeof ENDS)[number]

/** An answer: a value goes out as JSON, with `type` it is text already. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly type?: string
  /** Done once it has been given. */
  readonly afterwards?: () => void
}

/** One route; `NAME` in its path stands for an agent's name, with which it is answered. */
interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly answer: (ports: ControlPorts, name: string) => Promise<Answer>
}

/** All that can be asked on the control socket. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: '/status', answer: async (ports) => ok(await ports.picture()) },
  { method: 'GET', path: '/agents/NAME', answer: showAgent },
  ...ORDER_ACTIONS.map((action): Route => ({ method: 'POST', path: `/agents/NAME/${action}`, answer: giveOrder(action) })),
  { method: 'GET', path: '/daemon', answer: async (ports) => ok(await ports.daemon()) },
  ...ENDS.map((end): Route => ({ method: 'POST', path: `/${end}`, answer: (ports) => takeEnd(ports, end) })),
  { method: 'GET', path: '/usage', answer: async (ports) => ok(usageOf(await ports.picture())) },
  { method: 'GET', path: '/metrics', answer: showMetrics },
]

/** What anybody on the host may ask on the loopback port. */
export const PUBLIC_ROUTES: readonly Route[] = [{ method: 'GET', path: '/metrics', answer: showMetrics }]

/** Answers one request; `url` as it came, its query ignored. Nothing in it is decoded: no name needs that. */
export function answerRoute(
  routes: readonly Route[],
  ports: ControlPorts,
  { method, url }: { readonly method: string; readonly url: string },
): Promise<Answer> {
  const segments = (url.split('?')[0] ?? '').split('/')
  const fitting = routes.flatMap((route) => {
    const name = match(route.path.split('/'), segments)
    return name === undefined ? [] : [{ route, name }]
  })
  const found = fitting.find(({ route }) => route.method === method)
  if (found !== undefined) return found.route.answer(ports, found.name)
  return Promise.resolve(fitting.length === 0 ? refuse(404, 'there is no such thing here') : refuse(405, 'not by that method'))
}

/** An answer that says no, and why. */
export function refuse(status: number, message: string): Answer {
  return { status, body: { message } }
}

/** The agent's name in it, empty where none is; undefined when it is another path. */
function match(path: readonly string[], segments: readonly string[]): string | undefined {
  const fits = path.every((word, at) => (word === 'NAME' ? v.is(AgentName, segments[at]) : word === segments[at]))
  return fits && path.length === segments.length ? (segments[path.indexOf('NAME')] ?? '') : undefined
}

async function showAgent(ports: ControlPorts, name: string): Promise<Answer> {
  const picture = (await ports.picture()).agents.find((each) => each.name === name)
  if (picture === undefined) return refuse(404, `${name} is not installed on this host`)
  const lastWords = await ports.lastWords(name)
  return ok({ ...picture, ...(lastWords === undefined ? {} : { lastWords }) } satisfies AgentPicture)
}

function giveOrder(action: OrderAction): Route['answer'] {
  return async (ports, name) => {
    const outcome = await ports.order(action, name)
    if (outcome.kind === 'not-taken') return refuse(503, outcome.why)
    const { id, errcode, message } = outcome.result
    return ok({ id, errcode, message })
  }
}

async function takeEnd({ daemon, end }: ControlPorts, how: End): Promise<Answer> {
  const said = await daemon()
  if (how === 'restart' && said.guard === undefined) return refuse(409, UNGUARDED)
  return { ...ok(said), afterwards: end[how] }
}

const UNGUARDED = 'no guard is there to start BootAgent again: stop it, and start it'

async function showMetrics(ports: ControlPorts): Promise<Answer> {
  return { status: 200, type: METRICS_TYPE, body: metricsText(await ports.picture()) }
}

function usageOf({ agents }: HostPicture): object {
  return {
    agents: agents.map(({ name, state, uptime, restarts, usage }) => ({ name, state, uptime, restarts, ...usage })),
  }
}

function ok(body: unknown): Answer {
  return { status: 200, body }
}
