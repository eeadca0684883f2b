import type { AgentPicture, HostPicture } from '../control/picture.ts'
import { columns } from './columns.ts'
import { duration, size } from './units.ts'

/** The agents of a host as a table, for people. */
export function showStatus({ agents }: HostPicture): string {
  if (agents.length === 0) return 'No agents are installed on this host.\n'
  return columns([COLUMNS.map(([title]) => title), ...agents.map((agent) => COLUMNS.map(([, cell]) => cell(agent)))])
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
