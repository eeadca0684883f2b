import type { EventDetail, EventList, EventSummary, HostEvent } from '@bootagent/protocol'
import type { Database } from '../db/database.ts'
import { fromJson } from '../db/json-column.ts'

/** Which events an operator asks for; all that is given must be so. */
export interface EventSelection {
  readonly agentsn?: string | undefined
  /** The subject: an agent's name. */
  readonly agent?: string | undefined
  readonly category?: string | undefined
  /** Unix seconds: it came then or later, by the server's clock. */
  readonly since?: number | undefined
  /** Only those before this position. */
  readonly before?: number | undefined
  readonly limit: number
}

/** The fleet's events, the latest first. Their details are left out: two hundred of them would be megabytes. */
export async function listEvents(db: Database, selection: EventSelection): Promise<EventList> {
  // One more than asked for tells whether there are more.
  const rows = await narrow(db, selection)
    .orderBy('position', 'desc')
    .limit(selection.limit + 1)
    .execute()
  const events = rows.slice(0, selection.limit).map(summaryOf)
  const last = events.at(-1)
  return rows.length > events.length && last !== undefined ? { events, next: String(last.position) } : { events }
}

/** One event with its details; undefined when there is none. */
export async function viewEvent(db: Database, agentsn: string, id: string): Promise<EventDetail | undefined> {
  const row = await selectEvents(db).where('events.agentsn', '=', agentsn).where('id', '=', id).executeTakeFirst()
  return row && { ...summaryOf(row), extra: fromJson<HostEvent>(row.event).extra }
}

function narrow(db: Database, { agentsn, agent, category, since, before }: EventSelection) {
  let query = selectEvents(db)
  if (agentsn !== undefined) query = query.where('events.agentsn', '=', agentsn)
  if (agent !== undefined) query = query.where('subject', '=', agent)
  if (category !== undefined) query = query.where('category', '=', category)
  if (before !== undefined) query = query.where('position', '<', before)
  if (since === undefined) return query
  // From the first that came since then on: else a search for few would go through all that ever came.
  const first = db
    .selectFrom('events')
    .select(({ fn }) => fn.min('position').as('first'))
    .where('received', '>=', since)
  return query.where('received', '>=', since).where('position', '>=', first)
}

function selectEvents(db: Database) {
  return db
    .selectFrom('events')
    .innerJoin('hosts', 'hosts.agentsn', 'events.agentsn')
    .select(['position', 'events.agentsn', 'hostname', 'received', 'event'])
}

interface Row {
  readonly position: number
  readonly agentsn: string
  readonly hostname: string
  readonly received: number
  readonly event: string
}

function summaryOf({ position, agentsn, hostname, received, event }: Row): EventSummary {
  const { extra, ...told } = fromJson<HostEvent>(event)
  return { position, agentsn, hostname, received, ...told, folded: foldedIn(extra) }
}

/** A host may say anything there; what is no count is none. */
function foldedIn(extra: HostEvent['extra']): number | undefined {
  const folded = extra?.['folded']
  return typeof folded === 'number' && Number.isSafeInteger(folded) && folded > 1 ? folded : undefined
}
