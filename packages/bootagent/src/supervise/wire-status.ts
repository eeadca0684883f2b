import { type AgentStatus, KILLED_CAUSES } from '@bootagent/protocol'
import type { AgentState, AgentView } from './agent-view.ts'

/** The seed's word for what is seen of an agent (`stoped` is its spelling): the server and the operator at the host are told the same. */
export function wireStatus({ state, cause }: Pick<AgentView, 'state' | 'cause'>): AgentStatus {
  return state === 'waiting' && cause !== undefined && KILLED_CAUSES.includes(cause) ? 'killed' : STATUS[state]
}

/** The seed has four words for what has six states of ours. */
const STATUS: Readonly<Record<AgentState, AgentStatus>> = {
  stopped: 'stoped',
  starting: 'running',
  running: 'running',
  stopping: 'running',
  waiting: 'stoped',
  fatal: 'fatal',
}
