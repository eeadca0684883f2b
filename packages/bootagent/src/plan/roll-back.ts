import type { JobOf, Reason } from '@bootagent/protocol'
import type { AgentOnHost } from '../state/host-state.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { treeOf } from '../state/releases.ts'
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

/** The operator's own way back: to the release before, or to one that is named, watched like any other. */
export function planRollback(job: JobOf<'rollback'>, agent: AgentOnHost, circumstances: Circumstances): Plan {
  const { name, record } = agent
  if (record === undefined) return refuse('agent-missing', `${job.name} is not installed on this host`)
  // After the switch `previous` names the release we came from: the trial tells that the switch was ours.
  const switched = record.trial?.job === circumstances.key
  const to = switched ? record.release : job.to === undefined ? record.previous : named(job.to, agent, record)
  if (to === null || !agent.installed.has(to)) return refuse('no-previous', notHere(job, agent, record))
  if (to === record.release && !switched) return { kind: 'end', end: success(`${name} is at ${to} already`) }
  // A stopped agent is not watched, but without the note of whose switch it was a crash would swap the releases back.
  const steps = switchTo(to, { agent, wanted: record.wanted, circumstances, deadline: job.deadline, noted: true })
  return { kind: 'steps', steps, end: success(`${name} is back at ${to}`) }
}

/** `1.0.0` or `1.0.0-4a34b8d7` means the latest release of that; `1.0.0-4a34b8d7.2` just itself. */
function named(to: string, { installed }: AgentOnHost, { releases }: AgentRecord): string | null {
  if (releases[to] !== undefined && installed.has(to)) return to
  const fits = (id: string) => releases[id]?.version === to || treeOf(releases, id) === to
  return Object.keys(releases).findLast((id) => installed.has(id) && fits(id)) ?? null
}

function notHere({ to }: JobOf<'rollback'>, { name, installed }: AgentOnHost, { release, releases }: AgentRecord): string {
  const others = Object.keys(releases).filter((id) => id !== release && installed.has(id))
  const here = others.length === 0 ? '' : `; here are ${others.join(', ')}`
  return to === undefined
    ? `${name} has no earlier release on this host${here}`
    : `${name} has no release ${to} on this host${here}`
}

/**
 * After a step failed with no trial to end: an agent that was stopped on the way runs again what it ran. `before` is the attempt that
 * ran when the job began. One that did not run then, was given up, or has failed by itself since, is its policy's.
 */
export function planResuming({ name, record, running }: AgentOnHost, before: string | undefined): Step[] {
  if (before === undefined || running !== undefined || record === undefined || record.fatal) return []
  const since = record.exits.slice(
    Math.max(
      0,
      record.exits.findLastIndex(({ attempt }) => attempt === before),
    ),
  )
  const rests = record.wanted !== 'running' || record.release === null || since.some(({ abnormal }) => abnormal)
  return rests ? [] : [{ kind: 'start', name }]
}
