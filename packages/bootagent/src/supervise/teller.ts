import type { AgentState } from './agent-view.ts'
import type { Happening } from './happening.ts'
import type { Notice } from './notice-board.ts'
import type { ReasonedWish } from './wish.ts'

/** Announces what an agent has come to, once each time it comes to it. */
export interface Teller {
  /** Its process runs, as the notice says. */
  running(kind: 'agent-started' | 'agent-adopted', notice: Notice): void
  /** It rests in this state. */
  resting(state: AgentState, why: Pick<ReasonedWish, 'reason' | 'until'>): void
  /** It is on its way: whatever it comes to next is told, even if it is what was told before. */
  moving(): void
  /** It was found so; nobody needs to be told. */
  found(state: AgentState): void
  /** Whether the last thing told was that it runs. */
  saidRunning(): boolean
}

export function createTeller(name: string, announce: (happening: Happening) => void): Teller {
  // What was never announced is as good as stopped.
  let told: AgentState | undefined = 'stopped'
  return {
    running(kind, { pid, attempt, release }) {
      if (pid === undefined || attempt === undefined || release === undefined) return
      told = 'running'
      announce({ kind, name, release, pid, attempt })
    },
    resting(state, { reason, until }) {
      if (state === told) return
      told = state
      if (state === 'waiting' && until !== undefined) announce({ kind: 'agent-waiting', name, until, reason })
      if (state === 'stopped') announce({ kind: 'agent-stopped', name, reason })
      if (state === 'fatal') announce({ kind: 'agent-fatal', name, reason })
    },
    moving() {
      told = undefined
    },
    found(state) {
      told = state
    },
    saidRunning: () => told === 'running',
  }
}
