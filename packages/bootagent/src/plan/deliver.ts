import { type DeliveryJob, FORMAT_ENDS } from '@bootagent/protocol'
import type { AgentOnHost, HostState } from '../state/host-state.ts'
import type { ReleaseRecord } from '../state/metafile-schema.ts'
import type { Circumstances } from './circumstances.ts'
import { readDelivery } from './read-delivery.ts'
import { type Plan, refuse, type Step, success, type WantedSettings } from './step.ts'
import { switchTo } from './switch-to.ts'

/** More agents than this would no longer fit into one report of 64 KB. */
const MAX_AGENTS = 200

/** install and upgrade: bring the release here, switch to it, and watch it. */
export function planDelivery(
  job: DeliveryJob,
  { host, agent }: { host: HostState; agent: AgentOnHost },
  circumstances: Circumstances,
): Plan {
  const { digest, format, file, release, settings } = readDelivery(job, agent.record)
  if (format === undefined)
    return refuse('archive-unknown', `"${file}" is none of the archives that are unpacked here: ${FORMAT_ENDS}`)
  const refusal = refusalOf(job, agent, { release, agents: host.agents })
  if (refusal !== undefined) return refusal

  const wanted = job.action === 'install' ? 'running' : (agent.record?.wanted ?? 'running')
  const steps: Step[] = []
  if (!agent.installed.has(release)) {
    if (!host.packages.has(digest)) {
      steps.push({ kind: 'download', url: job.url, digest, ...(job.size === undefined ? {} : { size: job.size }) })
    }
    steps.push({ kind: 'verify', digest, format }, { kind: 'unpack', name: job.name, release, digest, format, settings })
  }
  let before = agent
  const changed = changesOf(agent.record?.releases[release], settings)
  if (changed.length > 0) {
    const affected = agent.record?.release === release && agent.running !== undefined
    const live = changed.every((field) => field === 'limits')
    // Stopped first: whatever runs once the settings are changed was started by them, also after a crash of ours in between.
    if (affected && !live) {
      steps.push({ kind: 'stop', name: job.name })
      before = { ...agent, running: undefined }
    }
    steps.push({ kind: 'configure', name: job.name, release, settings })
    // Should we die before: who adopts what runs holds it to the limits on record.
    if (affected && live) steps.push({ kind: 'apply-limits', name: job.name })
  }
  steps.push(...switchTo(release, { agent: before, wanted, circumstances }))
  const said = `${job.name} ${release} ${wanted === 'running' ? 'runs' : 'is installed and stays stopped'}`
  if (steps.length === 0) return { kind: 'end', end: success(said) }
  return { kind: 'steps', steps, end: success(said) }
}

function refusalOf(job: DeliveryJob, agent: AgentOnHost, to: { release: string; agents: number }): Plan | undefined {
  const { record } = agent
  if (job.action === 'upgrade' && record === undefined) {
    return refuse('agent-missing', `${job.name} is not installed on this host, so it cannot be upgraded: install it`)
  }
  if (record === undefined && to.agents >= MAX_AGENTS) {
    return refuse('too-many-agents', `this host has ${to.agents} agents, and ${MAX_AGENTS} is the most it takes`)
  }
  // Once the switch is made the expectation has been met; asking again after a crash would refuse our own work.
  if (job.expect === undefined || record?.release === to.release) return undefined
  const found = record?.release ?? 'none'
  const met = job.expect === found || job.expect === record?.releases[found]?.version
  if (met) return undefined
  return refuse('expect-failed', `${job.name} is at ${found}, and the job expects ${job.expect}`)
}

/** The fields in which the job asks for something else than the release has; what the job leaves out stays as it is. */
function changesOf(release: ReleaseRecord | undefined, settings: WantedSettings): string[] {
  if (release === undefined) return []
  const { version: _same, ...asked } = settings
  return Object.entries(asked).flatMap(([field, value]) => (equal(value, release[field as keyof typeof asked]) ? [] : [field]))
}

function equal(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  )
}
