import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { fromJson, toJson } from '../db/json-column.ts'
import { type ArrivedEvent, type EventStore, PRUNED_AT_ONCE, type Surplus } from './event-store.ts'

/** Events in the database. */
export function sqlEventStore(db: Database): EventStore {
  return {
    add: (arrived) => add(db, arrived),
    prune: (surplus) => prune(db, surplus),
    async of(agentsn) {
      const rows = await db
        .selectFrom('events')
        .select('event')
        .where('agentsn', '=', agentsn)
        .orderBy('position', 'desc')
        .execute()
      return rows.map(({ event }) => fromJson(event))
    },
  }
}

async function add(db: Database, { agentsn, event, received }: ArrivedEvent): Promise<void> {
  const { id, category, subject = '' } = event
  const position = sql<number>`(select coalesce(max(position), 0) + 1 from events)`
  await db
    .insertInto('events')
    .values({ agentsn, id, received, position, category, subject, event: toJson(event) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

async function prune(db: Database, { agentsn, most, before }: Surplus): Promise<void> {
  const own = db.selectFrom('events').where('agentsn', '=', agentsn).orderBy('position', 'desc')
  const first = await own.select('position').offset(most).limit(1).executeTakeFirst()
  const surplus = db
    .selectFrom('events')
    .select('position')
    .where('agentsn', '=', agentsn)
    .where((each) => each.or([each('received', '<', before), each('position', '<=', first?.position ?? -1)]))
    // Positions go on from the latest, and who follows the fleet knows where it was by a position.
    .where('position', '<', (all) => all.selectFrom('events').select(({ fn }) => fn.max('position').as('latest')))
    .orderBy('position')
    .limit(PRUNED_AT_ONCE)
  await db.deleteFrom('events').where('agentsn', '=', agentsn).where('position', 'in', surplus).execute()
}
