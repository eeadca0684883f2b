import type { Cause } from '@bootagent/protocol'

/** The states an agent can be seen in. */
export type AgentState = 'stopped' | 'starting' | 'running' | 'stopping' | 'waiting' | 'fatal'

/** One agent as its supervisor last saw it. */
export interface AgentView {
  readonly state: AgentState
  /** Why it is in that state, as a sentence's beginning. */
  readonly reason: string
  /** Its main process; only while that is alive and proven to be ours. */
  readonly pid?: number
  /** The attempt that process is of. */
  readonly attempt?: string
  /** The release that process was started from. */
  readonly release?: string
  /** Seconds since its process was started; 0 if there is none. */
  readonly uptime: number
  /** Why the last process ended, while the agent waits for its next start or is given up. */
  readonly cause?: Cause
  /** When the policy starts it again: seconds since boot. */
  readonly nextStart?: number
}
