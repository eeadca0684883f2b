import type { EventSummary } from '@bootagent/protocol'
import type { Api, EventsAsk } from './api.ts'

/** The most events one question asks for. */
const PAGE = 200

/** Which events, and how far back: so many, or all that came after a position. */
export interface Reach {
  readonly which: Omit<EventsAsk, 'limit' | 'cursor'>
  readonly most: number
  /** The position of the last that is known already. */
  readonly after?: number
}

/** The latest events, newest first, asked for page by page. Throws CliError. */
export async function latestEvents(api: Api, { which, most, after = 0 }: Reach): Promise<readonly EventSummary[]> {
  const found: EventSummary[] = []
  let cursor: string | undefined
  do {
    const page = await api.events({ ...which, limit: Math.min(PAGE, most - found.length), cursor })
    const news = page.events.filter(({ position }) => position > after)
    found.push(...news)
    // A server that repeats a page must not keep us here.
    cursor = news.length < page.events.length || news.length === 0 || page.next === cursor ? undefined : page.next
  } while (cursor !== undefined && found.length < most)
  return found
}
