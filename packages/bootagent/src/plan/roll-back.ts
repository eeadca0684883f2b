import type { JobOf, Reason } from '@bootagent/protocol'
import type { AgentOnHost } from '../state/host-state.ts'
import type { Circumstances } from './circumstances.ts'
import { type Plan, refuse, type Step, success } from './step.ts'
import { switchTo } from './switch-to.ts'

/** The one way back: whatever a trial ended of, and however often we die on the way, these steps end where it began. */
export function planGoingBack(agent: AgentOnHost, why: string, reason: Reason = 'trial-failed'): Plan {
  const { name, record } = agent
  const from = record?.trial?.from ?? null
  const steps: Step[] = []
  // With nothing to go back to it is stopped also where nothing runs: its policy may start it at any moment, and a stop holds it down.
  if (from === null || (agent.running !== undefined && agent.running.release !== from)) steps.push({ kind: 'stop', name })
  if (record?.release !== from) steps.push({ kind: 'go-back', name, to: from })
  if (from !== null && record?.trial?.wanted === 'running' && agent.running?.release !== from) steps.push({ kind: 'start', name })
  const now = from === null ? `there was no release to go back to, so ${name} is gone again` : `${name} is back at ${from}`
  return { kind: 'steps', steps, end: { reason, message: `${why}; ${now}` } }
}

/** The operator's own way back: to the release before, watched like any other. */
export function planRollback(job: JobOf<'rollback'>, agent: AgentOnHost, circumstances: Circumstances): Plan {
  const { name, record } = agent
  if (record === undefined) return refuse('agent-missing', `${job.name} is not installed on this host`)
  // After the switch `previous` names the release we came from: the trial tells that the switch was ours.
  const switched = record.trial?.job === circumstances.key
  const to = switched ? record.release : record.previous
  if (to === null || !agent.installed.has(to)) return refuse('no-previous', `${name} has no earlier release on this host`)
  // A stopped agent is not watched, but without the note of whose switch it was a crash would swap the releases back.
  const steps = switchTo(to, { agent, wanted: record.wanted, circumstances, noted: true })
  return { kind: 'steps', steps, end: success(`${name} is back at ${to}`) }
}

/** After a step failed with no trial to end: an agent that was stopped on the way runs again what it ran. */
export function planResuming({ name, record, running }: AgentOnHost): Step[] {
  return record?.wanted === 'running' && record.release !== null && running === undefined ? [{ kind: 'start', name }] : []
}
