import type { ROUTES, RouteName } from '@bootagent/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type * as v from 'valibot'

/** What a route's request carries once its schema has read it. */
export type Body<Name extends RouteName> = (typeof ROUTES)[Name]['request'] extends infer Schema extends v.GenericSchema
  ? v.InferOutput<Schema>
  : unknown

/** What a route answers. One that answers with bytes sends them itself; a schema's reply is sent as JSON. */
export type Reply<Name extends RouteName> = (typeof ROUTES)[Name]['reply'] extends infer Schema extends v.GenericSchema
  ? v.InferOutput<Schema>
  : unknown

/** One request, read. */
export interface Call<Name extends RouteName> {
  readonly body: Body<Name>
  /** The named parts of the path. */
  readonly params: Readonly<Record<string, string>>
  readonly query: Readonly<Record<string, unknown>>
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Answers the requests of one route, or throws ServerError. */
export type Handler<Name extends RouteName> = (call: Call<Name>) => Promise<Reply<Name>>

/** One handler a route: a route without one does not compile. */
export type Handlers = { readonly [Name in RouteName]: Handler<Name> }
