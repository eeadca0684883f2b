import type { JobOf } from '@bootagent/protocol'
import type { HostState } from '../state/host-state.ts'
import type { Circumstances } from './circumstances.ts'
import { type Plan, type Step, success } from './step.ts'

/** config: BootAgent's own settings. The step is clamped to what this host takes; a new server list is tried before it is kept. */
export function planConfig(job: JobOf<'config'>, host: HostState, { stepRange }: Circumstances): Plan {
  const steps: Step[] = []
  const step = job.step === undefined ? host.step : Math.min(stepRange.max, Math.max(stepRange.min, job.step))
  if (job.svrlist !== undefined && job.svrlist !== host.svrlist) steps.push({ kind: 'try-servers', list: job.svrlist })
  // After the list: a job whose list is silent changes nothing.
  if (step !== host.step) steps.push({ kind: 'set-step', step })
  const clamped = job.step === undefined || job.step === step ? '' : `; ${job.step} s was clamped to ${step} s`
  const end = success(`the host reports every ${step} s${clamped}`)
  return steps.length === 0 ? { kind: 'end', end } : { kind: 'steps', steps, end }
}
