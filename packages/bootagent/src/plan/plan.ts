import { agentOf, type Job, OWN_NAME } from '@bootagent/protocol'
import { describeDeadline } from '../job/end-waiting.ts'
import type { AgentOnHost, HostState } from '../state/host-state.ts'
import type { Circumstances } from './circumstances.ts'
import { planCalledOff } from './called-off.ts'
import { planCancel } from './cancel.ts'
import { planConfig } from './config.ts'
import { planControl } from './control.ts'
import { planDelivery } from './deliver.ts'
import { planOwn } from './own.ts'
import { planGoingBack, planRollback } from './roll-back.ts'
import { type Plan, refuse } from './step.ts'
import { planUninstall } from './uninstall.ts'

/**
 * Turns a job into steps, from what is there now and never from what was done before: after a crash, or a failed step, the
 * same question is asked again and the answer is what is left to do.
 */
export function planJob(job: Job, host: HostState, circumstances: Circumstances): Plan {
  const { agent } = host
  const { failure, hindered } = ownTrial(agent, circumstances.key) ?? {}
  if (agent !== undefined && failure !== undefined) return planGoingBack(agent, failure, hindered)
  const wayOut = circumstances.calledOff ? planCalledOff(job, host, circumstances) : undefined
  if (wayOut !== undefined) return wayOut
  if (job.deadline !== undefined && job.deadline < circumstances.now && !circumstances.begun) {
    return refuse('deadline-passed', describeDeadline(job.deadline))
  }
  if (agentOf(job) === OWN_NAME) return planOwn(job, host, circumstances)
  switch (job.action) {
    case 'install':
    case 'upgrade':
      return planDelivery(job, { host, agent: agent as AgentOnHost }, circumstances)
    case 'uninstall':
      return planUninstall(job, agent as AgentOnHost, host.jobs[circumstances.key]?.changes)
    case 'rollback':
      return planRollback(job, agent as AgentOnHost, circumstances)
    case 'config':
      return planConfig(job, host, circumstances)
    case 'cancel':
      return planCancel(job, host, circumstances)
    default:
      return planControl(job, agent as AgentOnHost, circumstances)
  }
}

function ownTrial(agent: AgentOnHost | undefined, key: string) {
  const trial = agent?.record?.trial
  return trial?.job === key ? trial : undefined
}
