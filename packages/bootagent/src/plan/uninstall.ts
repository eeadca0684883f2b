import type { JobOf } from '@bootagent/protocol'
import type { AgentOnHost } from '../state/host-state.ts'
import { type Plan, type Step, success } from './step.ts'

/** uninstall: what is not there is removed already. */
export function planUninstall(job: JobOf<'uninstall'>, agent: AgentOnHost): Plan {
  const { name } = agent
  const purge = job.purge ?? false
  const gone = agent.record === undefined && !(purge && agent.directory)
  const end = success(`${name} is not on this host${purge ? ', nor is its data' : ''}`)
  if (gone && agent.running === undefined) return { kind: 'end', end }
  const steps: Step[] = []
  // Wanted stopped first: should we die after the stop, nothing may start it again.
  if (agent.record !== undefined) steps.push({ kind: 'want', name, wanted: 'stopped' }, { kind: 'stop', name })
  return { kind: 'steps', steps: [...steps, { kind: 'remove', name, purge }], end }
}
