import type { Socket } from 'node:net'
import { MAX_REPORT_BYTES, ROUTES, type RouteName } from '@bootagent/protocol'
import type { Log } from '@bootagent/runtime'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { ServerError } from '../errors.ts'
import type { OperatorGuard } from './auth.ts'
import type { Body, Handler, Handlers } from './handler.ts'
import { refusalOf } from './problem.ts'
import { readInput } from './read-input.ts'

/** What the app needs besides its handlers. */
export interface AppSettings {
  readonly guard: OperatorGuard
  readonly log: Log
  /** Holds each handler that has not returned: one can outlive its connection, and the disk must outlive it. */
  readonly underWay: Set<Promise<unknown>>
}

/** An operator's largest JSON: a job with a large environment. It must fit a host's reply. */
const MAX_ORDER_BYTES = 256 * 1024

/** A connection on which nothing moves for so long is closed (ms). */
const SILENCE = 120_000

/** Builds the HTTP server: every door of ROUTES, each refusal a Problem. */
export function buildApp(handlers: Handlers, settings: AppSettings): FastifyInstance {
  const app = fastify({
    connectionTimeout: SILENCE,
    http: { headersTimeout: 15_000 },
    routerOptions: { maxParamLength: 255 },
    // HEAD is added beside GET below: the framework's own would read a whole package only to throw it away.
    exposeHeadRoutes: false,
    return503OnClosing: false,
    clientErrorHandler: refuseUnreadable,
    frameworkErrors: (error, request, reply) => refuse(error, { request, reply, log: settings.log }),
  })
  app.setErrorHandler((error, request, reply) => refuse(error, { request, reply, log: settings.log }))
  app.setNotFoundHandler(async ({ method, url }) => {
    throw new ServerError('not-found', `there is no ${method} ${url.slice(0, 100)} here`)
  })
  app.removeAllContentTypeParsers()
  for (const kind of Object.keys(BODIES) as BodyKind[]) {
    app.register(async (scope) => {
      BODIES[kind](scope)
      const add = <Name extends RouteName>(name: Name) => addRoute(scope, { name, handler: handlers[name], settings })
      namesOf(kind).forEach(add)
    })
  }
  return app
}

/** How the body of a request becomes a value. Each kind has a scope of its own, so that no route takes another's. */
type BodyKind = 'report' | 'order' | 'bytes'

const BODIES: Readonly<Record<BodyKind, (scope: FastifyInstance) => void>> = {
  // Whatever it is called: a host that knows only the seed may send JSON without saying so.
  report: (scope) => acceptJson(scope, '*', MAX_REPORT_BYTES),
  // Only what says it is JSON: a browser sends that across sites only after asking, and this server never agrees. So a
  // web page that an operator visits cannot send orders.
  order: (scope) => acceptJson(scope, 'application/json', MAX_ORDER_BYTES),
  // As it comes; the handler reads the stream and counts.
  bytes: (scope) => scope.addContentTypeParser('*', (_request, stream, done) => done(null, stream)),
}

function acceptJson(scope: FastifyInstance, type: string, bodyLimit: number): void {
  scope.addContentTypeParser(type, { parseAs: 'string', bodyLimit }, scope.getDefaultJsonParser('remove', 'remove'))
}

function namesOf(kind: BodyKind): readonly RouteName[] {
  return (Object.keys(ROUTES) as RouteName[]).filter((name) => kindOf(name) === kind)
}

function kindOf(name: RouteName): BodyKind {
  if (ROUTES[name].request === 'bytes') return 'bytes'
  return ROUTES[name].who === 'operator' ? 'order' : 'report'
}

interface Door<Name extends RouteName> {
  readonly name: Name
  readonly handler: Handler<Name>
  readonly settings: AppSettings
}

function addRoute<Name extends RouteName>(scope: FastifyInstance, { name, handler, settings }: Door<Name>): void {
  const { method, path, who, request: schema } = ROUTES[name]
  scope.route({
    method: method === 'GET' ? ['GET', 'HEAD'] : method,
    url: path,
    // Before the body is read: a stranger cannot make the server take in as much as a byte of an upload.
    ...(who === 'operator' ? { onRequest: settings.guard } : {}),
    handler: (request, reply) => {
      const raw = request.body
      // ROUTES pairs each name with its schema, which the compiler cannot follow through a variable.
      const body = (schema === null || schema === 'bytes' ? raw : readInput(schema, raw)) as Body<Name>
      const params = request.params as Record<string, string>
      const query = request.query as Record<string, unknown>
      const answer = handler({ body, params, query, request, reply })
      return held(settings.underWay, answer)
    },
  })
}

async function held<T>(underWay: Set<Promise<unknown>>, answer: Promise<T>): Promise<T> {
  underWay.add(answer)
  try {
    return await answer
  } finally {
    underWay.delete(answer)
  }
}

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly log: Log
}

function refuse(error: unknown, { request, reply, log }: Exchange): void {
  const { status, problem } = refusalOf(error)
  const { method, url, ip } = request
  const facts = { method, url, ip, code: problem.code }
  if (problem.code === 'internal') log.error({ ...facts, err: error }, 'refused')
  else log.info({ ...facts, why: problem.message }, 'refused')
  void reply.code(status).send(problem)
}

/** What is no HTTP at all never becomes a request; it gets the same kind of answer, by hand. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return void socket.destroy()
  const { problem, status } = refusalOf(new ServerError('bad-request', `this is not HTTP: ${error.code ?? error.message}`))
  const body = JSON.stringify(problem)
  const head = `HTTP/1.1 ${status} Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${body.length}`
  socket.end(`${head}\r\n\r\n${body}`)
}
