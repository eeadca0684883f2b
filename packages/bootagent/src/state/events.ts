import { type EventCategory, type HostEvent, isSmallJson } from '@bootagent/protocol'
import type { Reducer } from './metafile-schema.ts'

/** How much is kept of what no server has acknowledged: a host may be cut off for a month. */
const MOST_EVENTS = 100
const MOST_BYTES = 256 * 1024

/**
 * Adds an event; one that is there already changes nothing. Beyond the bound events are folded, so that what is lost is
 * details and never the number: of the kind (category and subject) with the most events the two oldest become one, which has the
 * newer one's words, `extra.folded`, how many it stands for, and `extra.since`, when the first was. Where no two are alike the oldest is
 * dropped and counted in one event `events-dropped`. The newest is always kept as it came.
 */
export function addEvent(event: HostEvent): Reducer {
  return (metafile) => {
    if (metafile.events.some(({ id }) => id === event.id)) return metafile
    return { ...metafile, events: boundEvents([...metafile.events, event]) }
  }
}

/** How many things that happened an event stands for. */
export function standsFor({ extra }: HostEvent): number {
  const folded = extra?.['folded']
  return typeof folded === 'number' ? folded : 1
}

type Events = readonly HostEvent[]

function boundEvents(events: Events): HostEvent[] {
  let kept = events
  while (isTooMuch(kept)) {
    const fewer = foldTwo(kept) ?? dropOldest(kept)
    if (fewer === undefined) break
    kept = fewer
  }
  return [...kept]
}

function isTooMuch(events: Events): boolean {
  return events.length > MOST_EVENTS || Buffer.byteLength(JSON.stringify(events)) > MOST_BYTES
}

/** Undefined when no two are alike. An agent that fails every minute pays for its own noise, and not the one that failed twice. */
function foldTwo(events: Events): Events | undefined {
  const kinds = Object.values(Object.groupBy(events.slice(0, -1), kindOf))
  const [first, second] = kinds.reduce<Events>((most, kind = []) => (kind.length > most.length ? kind : most), [])
  if (first === undefined || second === undefined) return undefined
  const folded = foldInto(second, first)
  return events.flatMap((event) => (event === first ? [] : [event === second ? folded : event]))
}

function kindOf({ category, subject = '' }: HostEvent): string {
  return `${category} ${subject}`
}

function foldInto(newer: HostEvent, older: HostEvent): HostEvent {
  const count = { folded: standsFor(older) + standsFor(newer), since: sinceOf(older) }
  // Too large an extra would have the server refuse the whole report.
  const extra = [{ ...newer.extra, ...count }, count].find((each) => isSmallJson(each)) ?? count
  // Another id: the server may have been sent one of the two already, and stores an id once.
  return { ...newer, id: idAfter(newer.id, `~${count.folded}`), extra }
}

const DROPPED: EventCategory = 'events-dropped'

/** Undefined when there is nothing left that may be dropped. */
function dropOldest(events: Events): Events | undefined {
  const isDropped = ({ category }: HostEvent) => category === DROPPED
  const tally = events.find(isDropped)
  const oldest = events.slice(0, -1).find((event) => !isDropped(event))
  if (oldest === undefined) return undefined
  const folded = standsFor(oldest) + (tally === undefined ? 0 : standsFor(tally))
  const since = tally === undefined ? sinceOf(oldest) : Math.min(sinceOf(tally), sinceOf(oldest))
  const next: HostEvent = {
    id: idAfter(oldest.id, '~dropped'),
    timestamp: oldest.timestamp,
    category: DROPPED,
    message: `${folded} events were dropped before a server could be told of them, the last a ${oldest.category}`,
    extra: { folded, since },
  }
  return [next, ...events.filter((event) => event !== oldest && event !== tally)]
}

function sinceOf({ extra, timestamp }: HostEvent): number {
  const since = extra?.['since']
  return typeof since === 'number' ? since : timestamp
}

const ID_LENGTH = 64

/** The id of what becomes of an event: of the event's own id, whatever it has become before. */
function idAfter(id: string, suffix: string): string {
  return `${id.replace(/~\w+$/, '').slice(-(ID_LENGTH - suffix.length))}${suffix}`
}
