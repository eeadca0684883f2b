import { type DeliveryJob, formatChecksum, type Job, type JobOf } from '@bootagent/protocol'
import { DIGESTS } from './example-metafile.ts'
import type { AgentOnHost, HostState } from '../../src/state/host-state.ts'
import { UNGUARDED } from '../../src/state/own-slots.ts'
import { treeOf } from '../../src/state/releases.ts'
import type { Circumstances } from '../../src/plan/circumstances.ts'
import { planJob } from '../../src/plan/plan.ts'
import { describe, type Plan } from '../../src/plan/step.ts'

/** A host on which nothing is but what is said; the agent of every example is `metrics`. */
export function hostOf(agent: Partial<AgentOnHost> = {}, host: Partial<HostState> = {}): HostState {
  const directory = agent.record !== undefined
  const installed = agent.installed ?? new Set(Object.keys(agent.record?.releases ?? {}))
  const trees = new Set([...installed].map((id) => treeOf(agent.record?.releases ?? {}, id) ?? id))
  const nothing = { record: undefined, fileSets: new Set<string>(), failed: [], running: undefined }
  return {
    agent: { name: 'metrics', ...nothing, installed, trees, directory, ...agent },
    packages: new Set(),
    agents: agent.record === undefined ? 0 : 1,
    jobs: {},
    own: UNGUARDED,
    upgrade: undefined,
    step: 600,
    svrlist: 'old.example',
    ...host,
  }
}

/** A process of that release, by the attempt that was there when the job came. */
export function running(release: string, attempt = 'the attempt before'): NonNullable<AgentOnHost['running']> {
  return { release, attempt }
}

/** A delivery of the new release; an upgrade unless it says otherwise. */
export function delivery(changes: Partial<DeliveryJob> = {}): DeliveryJob {
  const job = { id: 'j-1', action: 'upgrade', name: 'metrics', url: 'http://packages.example/metrics-2.0.0.tar.gz', ...changes }
  return { checksum: formatChecksum(DIGESTS.new), ...job } as DeliveryJob
}

/** A job of any other action about the same agent. */
export function order<A extends 'uninstall' | 'start' | 'stop' | 'restart' | 'reset' | 'rollback'>(
  action: A,
  more: object = {},
): JobOf<A> {
  return { id: 'j-1', action, name: 'metrics', ...more } as JobOf<A>
}

/** The job has just begun, and nothing of the agent ran then. */
export function circumstances(changes: Partial<Circumstances> = {}): Circumstances {
  const stepRange = { min: 60, max: 3600 }
  return {
    key: 'the job',
    now: 1_700_000_000,
    trialSeconds: 60,
    busySeconds: 3600,
    bootagent: '1.4.0',
    stepRange,
    before: undefined,
    begun: true,
    calledOff: false,
    ...changes,
  }
}

/** The plan for a job that has begun, as sentences. */
export function planned(job: Job, host: HostState, changes: Partial<Circumstances> = {}): string[] {
  return sentencesOf(planJob(job, host, circumstances(changes)))
}

/** A plan as it is compared: its steps as sentences; of an end at once, the reason. */
function sentencesOf(plan: Plan): string[] {
  return plan.kind === 'end' ? [plan.end.reason] : plan.steps.map(describe)
}
