import type { AgentOnHost } from '../state/host-state.ts'
import type { Circumstances } from './circumstances.ts'
import type { Step } from './step.ts'

/** What a switch depends on besides the release. */
interface Switch {
  readonly agent: AgentOnHost
  readonly wanted: 'running' | 'stopped'
  readonly circumstances: Circumstances
  /** Whether a switch that is not watched leaves its note too. */
  readonly noted?: boolean
}

/** From the release that is current to another, by way of a trial; used by every way forward and by the manual way back. */
export function switchTo(release: string, { agent, wanted, circumstances, noted = false }: Switch): Step[] {
  const { name, record } = agent
  const steps: Step[] = []
  const current = record?.release === release
  const onTrial = current && record.trial?.job === circumstances.key
  const runs = agent.running?.release === release
  if (agent.running !== undefined && !runs) steps.push({ kind: 'stop', name })
  const trial = { job: circumstances.key, seconds: circumstances.trialSeconds }
  if (wanted === 'stopped') return current ? steps : [...steps, { kind: 'activate', name, release, ...(noted ? { trial } : {}) }]
  if (!current) steps.push({ kind: 'activate', name, release, trial })
  // Wanting it running forgives strikes; another release has none, and while a trial goes on there is nothing to forgive.
  if (record?.wanted === 'stopped' || (current && record.fatal && !onTrial)) steps.push({ kind: 'want', name, wanted })
  if (!runs) steps.push({ kind: 'start', name })
  if (!current || onTrial) steps.push({ kind: 'watch', name })
  return steps
}
