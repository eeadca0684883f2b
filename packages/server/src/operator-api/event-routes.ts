import { Agentsn } from '@bootagent/protocol'
import * as v from 'valibot'
import type { Database } from '../db/database.ts'
import { ServerError } from '../errors.ts'
import type { Handlers } from '../http/handler.ts'
import { readInput } from '../http/read-input.ts'
import { listEvents, viewEvent } from '../views/event-views.ts'

/** `GET /api/v1/events?…`, `GET /api/v1/hosts/:agentsn/events/:id`. */
export function eventRoutes(db: Database): Pick<Handlers, 'events' | 'event'> {
  return {
    events({ query }) {
      const { host, cursor, ...rest } = readInput(Selection, query)
      return listEvents(db, { ...rest, agentsn: host, before: cursor })
    },
    event: async ({ params: { agentsn = '', id = '' } }) => (await viewEvent(db, agentsn, id)) ?? noEvent(agentsn, id),
  }
}

/** In a query everything is text. */
const Whole = v.pipe(v.string(), v.regex(/^\d{1,12}$/, 'a whole number of at most 12 digits'), v.transform(Number))
const Short = v.pipe(v.string(), v.maxLength(255))

const Selection = v.object({
  host: v.optional(Agentsn),
  agent: v.optional(Short),
  category: v.optional(Short),
  since: v.optional(Whole),
  limit: v.optional(v.pipe(Whole, v.minValue(1), v.maxValue(200)), '50'),
  cursor: v.optional(Whole),
})

function noEvent(agentsn: string, id: string): never {
  throw new ServerError('not-found', `there is no event ${id.slice(0, 64)} of host ${agentsn.slice(0, 64)}`)
}
