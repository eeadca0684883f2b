import type { AgentPicture, HostPicture } from '../control/picture.ts'
import { columns } from './columns.ts'
import { duration, moment, size } from './units.ts'

/** The agents of a host as a table, and how they are held to their limits, for people. */
export function showStatus({ agents, limits, hearing }: HostPicture): string {
  const shutOut = shutOutLines(hearing)
  if (agents.length === 0) return `No agents are installed on this host.\n${shutOut}`
  const table = columns([COLUMNS.map(([title]) => title), ...agents.map((agent) => COLUMNS.map(([, cell]) => cell(agent)))])
  return table + (limits === undefined ? '' : limitLines(agents, limits)) + shutOut
}

/** Said only when it is so: a host that no server lets in looks well otherwise. */
function shutOutLines(hearing: HostPicture['hearing']): string {
  const { denials = 0, since = 0, why = [] } = hearing?.silent ?? {}
  if (denials === 0) return ''
  const how = `Not let in by any server, ${denials} time${denials === 1 ? '' : 's'} in a row, since ${moment(since)}:`
  return `\n${columns([[how], ...why.map((each) => [`  ${each}`])])}`
}

function limitLines(agents: readonly AgentPicture[], { kind, why }: NonNullable<HostPicture['limits']>): string {
  const loose = agents.flatMap(({ name, limits }) =>
    limits.filter(({ how }) => how !== undefined && how !== 'enforced').map((limit) => ({ name, ...limit })),
  )
  return `\n${columns([
    [`Limits by ${kind}: ${why}`],
    ...loose.map(({ name, limit, value, how, why: reason }) => [
      `  ${name}: ${limit} ${value} is ${how}${reason === undefined ? '' : `: ${reason}`}`,
    ]),
  ])}`
}

const COLUMNS: readonly (readonly [title: string, cell: (agent: AgentPicture) => string])[] = [
  ['AGENT', ({ name }) => name],
  ['RELEASE', ({ release }) => (release === '' ? 'none yet' : release)],
  ['WANTED', ({ wanted }) => wanted],
  ['STATE', stateWord],
  ['PID', ({ pid }) => String(pid ?? '-')],
  ['UPTIME', ({ pid, uptime }) => (pid === undefined ? '-' : duration(uptime))],
  ['RESTARTS', ({ restarts }) => String(restarts)],
  ['CPU', ({ usage }) => (usage === undefined ? '-' : `${Math.round(usage.cpu * 10) / 10}%`)],
  ['MEMORY', ({ usage }) => (usage === undefined ? '-' : size(usage.rss))],
  ['WHY', ({ reason }) => reason],
]

/** The seed's `killed` says more than our `waiting`. */
function stateWord({ state, status, trial }: AgentPicture): string {
  return `${status === 'killed' ? `killed, ${state}` : state}${trial === undefined ? '' : ', on trial'}`
}
