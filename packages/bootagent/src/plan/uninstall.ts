import type { JobOf } from '@bootagent/protocol'
import type { AgentOnHost } from '../state/host-state.ts'
import type { Changes } from '../state/metafile-schema.ts'
import { type Plan, type Step, success } from './step.ts'
import { tellChanges } from './tell-changes.ts'

/**
 * uninstall: what is not there is removed already. What somebody has changed in its releases goes with them, so it is looked for once
 * nothing runs any more and nothing has been deleted yet. `changes` is what was noted then, by a BootAgent that was killed afterwards.
 */
export function planUninstall(job: JobOf<'uninstall'>, agent: AgentOnHost, changes: Changes | undefined): Plan {
  const { name } = agent
  const purge = job.purge ?? false
  const gone = agent.record === undefined && !(purge && agent.directory)
  const end = success(`${name} is not on this host${purge ? ', nor is its data' : ''}${tellChanges(changes)}`)
  if (gone && agent.running === undefined) return { kind: 'end', end }
  const steps: Step[] = []
  // Wanted stopped first: should we die after the stop, nothing may start it again.
  if (agent.record !== undefined) steps.push({ kind: 'want', name, wanted: 'stopped' }, { kind: 'stop', name })
  if (agent.record !== undefined && changes === undefined) steps.push({ kind: 'note-changes', name })
  return { kind: 'steps', steps: [...steps, { kind: 'remove', name, purge }], end }
}
