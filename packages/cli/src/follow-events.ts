import type { EventSummary } from '@bootagent/protocol'
import type { ExitName } from './exit-codes.ts'
import { latestEvents, type Reach } from './latest-events.ts'
import { createPatience } from './patience.ts'
import type { Session } from './session.ts'
import { eventLine } from './views/event-view.ts'

/** How often the server is asked; hosts report at most every few seconds. */
const POLL_MS = 2000
/** More at once are too many to be read; the latest are shown. */
const MOST_AT_ONCE = 1000

/** Shows the latest events and then each as it comes, oldest first, a line or a document of JSON each, until Ctrl-C. Throws CliError. */
export async function followEvents(session: Session, { which, most }: Reach): Promise<ExitName> {
  const { api, clock, interrupt } = session
  const patiently = createPatience(session)
  let reach: Reach = { which, most }
  do {
    const news = (await patiently(() => latestEvents(api, reach))) ?? []
    for (const event of news.toReversed()) tell(session, event)
    const after = news[0]?.position ?? reach.after
    if (after !== undefined) reach = { which, most: MOST_AT_ONCE, after }
  } while (await clock.sleep(POLL_MS, interrupt))
  return 'interrupted'
}

function tell({ output }: Session, event: EventSummary): void {
  output.answer(event, (look) => eventLine(event, look))
}
