import type { AgentOnHost } from '../state/host-state.ts'
import { alike } from '../state/releases.ts'
import type { Circumstances } from './circumstances.ts'
import type { Step } from './step.ts'

/** What a switch depends on besides the release. */
interface Switch {
  readonly agent: AgentOnHost
  readonly wanted: 'running' | 'stopped'
  readonly circumstances: Circumstances
  /** Until when an agent that is busy is waited for, in Unix seconds; then it is stopped all the same. */
  readonly deadline?: number | undefined
  /** Whether a switch that is not watched leaves its note too. */
  readonly noted?: boolean
}

/** From the release that is current to another, by way of a trial; used by every way forward and by the manual way back. */
export function switchTo(release: string, switching: Switch): Step[] {
  const { agent, wanted, circumstances, noted = false } = switching
  const { name, record, running } = agent
  const steps: Step[] = []
  const current = record?.release === release
  const onTrial = current && record.trial?.job === circumstances.key
  // Only its limits are others: what runs goes on, and is held to them.
  const runs = running !== undefined && alike(record?.releases ?? {}, running.release, release)
  const watched = !runs || noted
  if (running !== undefined && !runs) steps.push(awaitFree(name, switching), { kind: 'stop', name })
  const trial = { job: circumstances.key, seconds: circumstances.trialSeconds }
  if (wanted === 'stopped') return current ? steps : [...steps, { kind: 'activate', name, release, ...(noted ? { trial } : {}) }]
  if (!current) steps.push({ kind: 'activate', name, release, ...(watched ? { trial } : {}) })
  // Wanting it running forgives strikes; another release has none, and while a trial goes on there is nothing to forgive.
  if (record?.wanted === 'stopped' || (current && record.fatal && !onTrial)) steps.push({ kind: 'want', name, wanted })
  if (!runs) steps.push({ kind: 'start', name })
  if (runs && running.release !== release) steps.push({ kind: 'apply-limits', name })
  if (onTrial || (!current && watched)) steps.push({ kind: 'watch', name })
  return steps
}

function awaitFree(name: string, { deadline, circumstances }: Switch): Step {
  const { busySeconds: most } = circumstances
  return { kind: 'await-free', name, ...(deadline === undefined ? { most } : { until: deadline }) }
}
