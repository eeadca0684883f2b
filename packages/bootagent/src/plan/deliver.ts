import { type DeliveryJob, type Digest, FORMAT_ENDS, meetsNeed } from '@bootagent/protocol'
import { fileSetId, fingerprint } from '../state/file-sets.ts'
import type { AgentOnHost, HostState } from '../state/host-state.ts'
import type { Settings } from '../state/releases.ts'
import type { Circumstances } from './circumstances.ts'
import { type Delivery, readDelivery, settingsOf } from './read-delivery.ts'
import { type Plan, refuse, type Source, type Step, success } from './step.ts'
import { switchTo } from './switch-to.ts'

/** More agents than this would no longer fit into one report of 64 KB. */
const MAX_AGENTS = 200

/** install and upgrade: bring the release here, switch to it, and watch it. Other settings of the same package are another release. */
export function planDelivery(
  job: DeliveryJob,
  { host, agent }: { host: HostState; agent: AgentOnHost },
  circumstances: Circumstances,
): Plan {
  const delivery = readDelivery(job, agent.record)
  const { release } = delivery
  if (delivery.format === undefined)
    return refuse('archive-unknown', `"${delivery.file}" is none of the archives that are unpacked here: ${FORMAT_ENDS}`)
  const refusal = needUnmet(job, circumstances) ?? refusalOf(job, { host, agent }, delivery)
  if (refusal !== undefined) return refusal

  const wanted = job.action === 'install' ? 'running' : (agent.record?.wanted ?? 'running')
  const steps = [
    ...bringFiles(job, agent, delivery.settings),
    ...bring(job, { host, agent }, delivery),
    ...switchTo(release, { agent: withRelease(agent, delivery), wanted, circumstances, deadline: job.deadline }),
  ]
  const end = success(`${job.name} ${release} ${wanted === 'running' ? 'runs' : 'is installed and stays stopped'}`)
  return steps.length === 0 ? { kind: 'end', end } : { kind: 'steps', steps, end }
}

/** Its configuration files, before any record speaks of them. */
function bringFiles({ name, files }: DeliveryJob, agent: AgentOnHost, settings: Partial<Settings>): Step[] {
  if (files === undefined || settings.files === undefined) return []
  const set = fileSetId(settings.files)
  return agent.fileSets.has(set) ? [] : [{ kind: 'put-files', name, set, files }]
}

/** The release itself: unpacked from its package, or made of what is unpacked already. */
function bring(job: DeliveryJob, { host, agent }: { host: HostState; agent: AgentOnHost }, delivery: Delivery): Step[] {
  const { name } = job
  const { digest, release, tree, known, version } = delivery
  if (agent.installed.has(release)) return []
  if (known !== undefined && agent.trees.has(tree)) return [{ kind: 'configure', name, release, ...known }]
  const format = delivery.format as NonNullable<Delivery['format']>
  const source = sourceOf(job, digest)
  const fetched: Step[] = host.packages.has(digest) ? [] : [{ kind: 'download', ...source }]
  const stated = job.version === undefined ? {} : { stated: job.version }
  return [
    ...fetched,
    { kind: 'verify', digest, format, source },
    {
      kind: 'unpack',
      name,
      release,
      tree,
      digest,
      format,
      settings: { version, ...(known?.settings ?? delivery.settings) },
      ...stated,
    },
  ]
}

/** Where its package comes from, and how it may be fetched. */
export function sourceOf({ url, size, rate, deadline }: DeliveryJob, digest: Digest): Source {
  return {
    url,
    digest,
    ...(size === undefined ? {} : { size }),
    ...(rate === undefined ? {} : { rate }),
    ...(deadline === undefined ? {} : { deadline }),
  }
}

/** The agent as it will be when the release is here: what the switch to it depends on. */
function withRelease(agent: AgentOnHost, { release, known, digest, version, tree }: Delivery): AgentOnHost {
  const { record } = agent
  if (record === undefined || known === undefined || record.releases[release] !== undefined) return agent
  const made = { version, digest, tree, ...known.settings }
  return { ...agent, record: { ...record, releases: { ...record.releases, [release]: made } } }
}

/** The refusal of a package that this BootAgent is too old for. */
export function needUnmet({ name, bootagent }: DeliveryJob, circumstances: Circumstances): Plan | undefined {
  if (bootagent === undefined || meetsNeed(bootagent, circumstances.bootagent)) return undefined
  return refuse(
    'bootagent-too-old',
    `${name} needs BootAgent ${bootagent}, and this is ${circumstances.bootagent}: upgrade it first`,
  )
}

function refusalOf(
  job: DeliveryJob,
  { host, agent }: { host: HostState; agent: AgentOnHost },
  { release, tree }: Delivery,
): Plan | undefined {
  const { record } = agent
  if (job.action === 'upgrade' && record === undefined) {
    return refuse('agent-missing', `${job.name} is not installed on this host, so it cannot be upgraded: install it`)
  }
  if (record === undefined && host.agents >= MAX_AGENTS) {
    return refuse('too-many-agents', `this host has ${host.agents} agents, and ${MAX_AGENTS} is the most it takes`)
  }
  // Once the switch is made the job is at its own work: asking again after a crash would refuse that.
  if (record?.release === release) return undefined
  return expectation(job, agent, release) ?? failedBefore(job, agent, tree)
}

function expectation(job: DeliveryJob, { record }: AgentOnHost, release: string): Plan | undefined {
  if (job.expect === undefined) return undefined
  const found = record?.release ?? 'none'
  const current = record?.releases[found]
  const met = [found, current?.tree, current?.version].includes(job.expect)
  if (met) return undefined
  return refuse('expect-failed', `${job.name} is at ${found}, and the job for ${release} expects ${job.expect}`)
}

/** What has failed with just these settings fails again; whoever knows better says `force`. */
export function failedBefore(job: DeliveryJob, { name, failed }: AgentOnHost, tree: string): Plan | undefined {
  if (job.force === true) return undefined
  const asked = fingerprint(settingsOf(job))
  const before = failed.findLast((each) => each.tree === tree && each.asked === asked)
  if (before === undefined) return undefined
  const when = new Date(before.time * 1000).toISOString()
  return refuse('failed-before', `${name} ${before.release} failed its trial on ${when}: ${before.why}; "force" tries it again`)
}
