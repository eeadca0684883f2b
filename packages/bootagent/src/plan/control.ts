import type { AgentOnHost } from '../state/host-state.ts'
import type { Circumstances } from './circumstances.ts'
import { type ControlJob, type Plan, refuse, type Step, success } from './step.ts'

/** start, stop, restart, reset: what is there already is not done again. */
export function planControl(job: ControlJob, agent: AgentOnHost, circumstances: Circumstances): Plan {
  const { name, record } = agent
  if (record?.release === undefined || record.release === null)
    return refuse('agent-missing', `${job.name} is not installed on this host`)
  const steps = STEPS[job.action]({ ...agent, record }, circumstances)
  return { kind: 'steps', steps, end: success(SAID[job.action](name)) }
}

type Installed = AgentOnHost & { readonly record: NonNullable<AgentOnHost['record']> }

const STEPS: Readonly<Record<ControlJob['action'], (agent: Installed, circumstances: Circumstances) => Step[]>> = {
  start: (agent) => [wantRunning(agent), ...(agent.running === undefined ? [start(agent)] : [])],
  stop: ({ name }) => [
    { kind: 'want', name, wanted: 'stopped' },
    { kind: 'stop', name },
  ],
  restart: (agent, { before }) => {
    // Another attempt than when the job began: it was restarted, and we died before we could say so.
    const restarted = agent.running !== undefined && agent.running.attempt !== before
    return restarted ? [] : [wantRunning(agent), { kind: 'stop', name: agent.name }, start(agent)]
  },
  reset: (agent) =>
    agent.record.wanted === 'stopped' ? [] : [wantRunning(agent), ...(agent.running === undefined ? [start(agent)] : [])],
}

const SAID: Readonly<Record<ControlJob['action'], (name: string) => string>> = {
  start: (name) => `${name} runs`,
  stop: (name) => `${name} is stopped`,
  restart: (name) => `${name} was restarted`,
  reset: (name) => `the strikes of ${name} are forgiven`,
}

function wantRunning({ name }: Installed): Step {
  return { kind: 'want', name, wanted: 'running' }
}

function start({ name }: Installed): Step {
  return { kind: 'start', name }
}
