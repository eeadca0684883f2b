import { Command } from 'commander'
import { findHost } from '../find-host.ts'
import { followEvents } from '../follow-events.ts'
import { latestEvents } from '../latest-events.ts'
import { examples, wholeNumber } from '../options.ts'
import type { Perform } from '../perform.ts'
import { eventsView } from '../views/event-view.ts'

interface EventsOptions {
  readonly host?: string
  readonly agent?: string
  readonly category?: string
  readonly number: number
  readonly follow?: boolean
}

/** How many are shown when nobody has said. */
const SHOWN = 20

/** `bootfleet events`: what happened on the fleet lately, once or as it happens. */
export function eventsCommand(perform: Perform): Command {
  return new Command('events')
    .description('List what happened on the hosts, newest first.')
    .option('--host <sn>', 'only of this host: its agentsn, the beginning of it, or its hostname')
    .option('--agent <name>', 'only of this agent')
    .option('--category <c>', 'only of this kind, such as agent-killed')
    .option('-n, --number <n>', 'so many, the latest', wholeNumber, SHOWN)
    .option('-f, --follow', 'oldest first, and then each as it comes, until Ctrl-C')
    .addHelpText(
      'after',
      examples(['bootfleet events --host web-1', 'bootfleet events --category agent-fatal -n 100', 'bootfleet events -f']),
    )
    .action(
      perform<EventsOptions>(async (session, { host: name, agent, category, number: most, follow }) => {
        const { api, output } = session
        const host = name === undefined ? undefined : findHost(name, await api.hosts()).agentsn
        const reach = { which: { host, agent, category }, most }
        if (follow === true) return followEvents(session, reach)
        const events = await latestEvents(api, reach)
        output.answer({ events }, (look) => eventsView(events, look))
        if (events.length === 0) output.say('no such events: hosts tell of agents that fail, are killed or are rolled back')
        return 'done'
      }),
    )
}
