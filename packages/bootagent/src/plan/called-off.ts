import type { Job } from '@bootagent/protocol'
import type { AgentOnHost, HostState } from '../state/host-state.ts'
import type { Circumstances } from './circumstances.ts'
import { readDelivery } from './read-delivery.ts'
import { planGoingBack, planResuming } from './roll-back.ts'
import type { Plan } from './step.ts'

/**
 * The way out of a job that was called off at work (ADR 0043). In its trial it is the one way back; before the switch what was stopped
 * on the way runs again, and what was fetched or unpacked is swept like anything without a record. Undefined when it is too late:
 * what it was to do is done, and it comes to its own end.
 */
export function planCalledOff(job: Job, host: HostState, { key, before }: Circumstances): Plan | undefined {
  const { agent } = host
  if (agent?.record?.trial?.job === key) return planGoingBack(agent, 'called off during its trial', 'cancelled')
  if (!isBeforeItsSwitch(job, host)) return undefined
  const steps = agent === undefined ? [] : planResuming(agent, before)
  return { kind: 'steps', steps, end: { reason: 'cancelled', message: `called off before ${itsChange(agent)}` } }
}

/** What it was called off before. An agent may have been stopped and started on the way: what is certain is its release. */
function itsChange(agent: AgentOnHost | undefined): string {
  const release = agent?.record?.release
  if (agent === undefined || typeof release !== 'string') return 'anything was changed'
  return `the switch; ${agent.name} is at ${release}, as before`
}

/** Whether nothing has been changed yet that the job will not change by itself; what takes only a moment counts as done once begun. */
function isBeforeItsSwitch(job: Job, { agent, svrlist }: HostState): boolean {
  switch (job.action) {
    case 'install':
    case 'upgrade':
      return agent?.record?.release !== readDelivery(job, agent?.record).release
    case 'rollback':
      return true
    case 'config':
      return job.svrlist !== undefined && job.svrlist !== svrlist
    default:
      return false
  }
}
