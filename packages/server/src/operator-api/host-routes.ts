import { Tags, tagsMatch } from '@bootagent/protocol'
import * as v from 'valibot'
import type { Database } from '../db/database.ts'
import { ServerError } from '../errors.ts'
import type { Handlers } from '../http/handler.ts'
import { readInput } from '../http/read-input.ts'
import type { Transact } from '../stores.ts'
import { listHosts, viewHost } from '../views/host-views.ts'

/** `GET /api/v1/hosts?tags=…`, `GET` and `PATCH /api/v1/hosts/:agentsn`. */
export function hostRoutes(db: Database, transact: Transact): Pick<Handlers, 'hosts' | 'host' | 'setTags'> {
  const view = async (agentsn: string) => (await viewHost(db, agentsn)) ?? noHost(agentsn)
  return {
    async hosts({ query }) {
      const { tags: selector } = readInput(Selection, query)
      const all = await listHosts(db)
      return { hosts: all.filter(({ tags }) => tagsMatch(selector, tags)) }
    },
    host: ({ params: { agentsn = '' } }) => view(agentsn),
    async setTags({ params: { agentsn = '' }, body }) {
      await transact(({ hosts }) => hosts.setTags(agentsn, body.tags))
      return view(agentsn)
    },
  }
}

const Selection = v.object({ tags: v.optional(Tags, '') })

function noHost(agentsn: string): never {
  throw new ServerError('not-found', `there is no host ${agentsn.slice(0, 64)}`)
}
