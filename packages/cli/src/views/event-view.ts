import type { EventDetail, EventSummary } from '@bootagent/protocol'
import { moment } from '../moment.ts'
import type { Look } from '../output.ts'
import { printable } from '../printable.ts'
import { type Colour, type Column, factTable, table } from '../table.ts'

/** Events, an event a line. */
export function eventsView(events: readonly EventSummary[], look: Look): string {
  const columns: Column<EventSummary>[] = [
    { title: 'TIME', cell: (event) => moment(event.timestamp) },
    { title: 'HOST', cell: (event) => hostOf(event, look) },
    { title: 'CATEGORY', cell: (event) => event.category, colour: (event) => COLOURS.get(event.category) },
    { title: 'AGENT', cell: (event) => event.subject ?? '' },
    { title: 'EVENT', cell: (event) => event.id },
    { title: 'MESSAGE', cell: messageOf },
  ]
  return table(events, columns, look.colourful)
}

/** One event in a line of its own, for a list that nobody has seen the end of: the columns are as wide as they mostly need. */
export function eventLine(event: EventSummary, look: Look): string {
  const cells = [
    moment(event.timestamp),
    hostOf(event, look).padEnd(look.wide ? 36 : 12),
    event.category.padEnd(18),
    (event.subject ?? '').padEnd(12),
    event.id.padEnd(16),
    messageOf(event),
  ]
  return `${printable(cells.join('  '))}\n`
}

/** All that is known of one event; the last lines its agent wrote stand below. */
export function eventView(event: EventDetail): string {
  const { tail, ...details } = event.extra ?? {}
  const facts: [name: string, value: string][] = [
    ['event', event.id],
    ['host', `${event.hostname} (${event.agentsn})`],
    ['happened', `${moment(event.timestamp)} by the host's clock`],
    ['received', moment(event.received)],
    ['category', event.category],
    ['agent', event.subject ?? ''],
    ['message', messageOf(event)],
    ...Object.entries(details).map(([name, value]): [string, string] => [name, inWords(value)]),
  ]
  return factTable(facts.filter(([, value]) => value !== '')) + tailView(tail)
}

/** What somebody should look at, and what may pass by itself; a category of a later version has no colour. */
const COLOURS: ReadonlyMap<string, Colour> = new Map([
  ['agent-fatal', 'red'],
  ['agent-killed', 'red'],
  ['agent-start-failed', 'red'],
  ['agent-stuck', 'red'],
  ['agent-exit', 'yellow'],
  ['agent-rolled-back', 'yellow'],
  ['agent-log-dropped', 'yellow'],
])

function hostOf({ hostname, agentsn }: EventSummary, { wide }: Look): string {
  return wide ? agentsn : hostname
}

function messageOf({ message, folded }: EventSummary): string {
  return folded === undefined ? message : `${message} (the last of ${folded})`
}

function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The shape of `extra` is the host's word only. */
function tailView(tail: unknown): string {
  if (!Array.isArray(tail) || tail.length === 0) return ''
  return ['', 'its last output:', ...tail.map((line) => `  ${printable(inWords(line))}`), ''].join('\n')
}
