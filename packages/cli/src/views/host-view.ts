import type { AgentReport, AgentStatus, HostDetail, HostSummary } from '@bootagent/protocol'
import { ago, span } from '../age.ts'
import { shortLength } from '../find-host.ts'
import { describeHostJob } from '../job-progress.ts'
import type { Look } from '../output.ts'
import { formatSize } from '../size.ts'
import { type Colour, type Column, factTable, table } from '../table.ts'
import { STATE_COLOURS } from './job-view.ts'

/** A fleet, a host a line. */
export function hostsView(hosts: readonly HostSummary[], look: Look): string {
  const length = look.wide ? 64 : shortLength(hosts.map((host) => host.agentsn))
  const columns: Column<HostSummary>[] = [
    { title: 'HOST', cell: (host) => host.agentsn.slice(0, length) },
    { title: 'HOSTNAME', cell: (host) => host.hostname },
    { title: 'SEEN', cell: (host) => seen(host, look), colour: (host) => seenColour(host, look) },
    { title: 'BOOTAGENT', cell: (host) => host.version },
    { title: 'TAGS', cell: (host) => host.tags },
    { title: 'JOBS', cell: (host) => String(host.openJobs) },
    { title: 'AGENTS', cell: (host) => host.agents.map(agentInWords).join(', '), colour: agentsColour },
  ]
  return table(hosts, columns, look.colourful)
}

/** All that is known of one host: itself, its agents, its latest jobs and events. */
export function hostView(host: HostDetail, look: Look): string {
  const parts = [
    factTable(factsOf(host, look)),
    table(host.agents, agentColumns(host.agents), look.colourful),
    table(host.jobs, jobColumns(look), look.colourful),
    table(host.events, eventColumns(look), look.colourful),
  ]
  return parts.filter((part) => part !== '').join('\n')
}

function seen(host: HostSummary, look: Look): string {
  return host.seen === undefined ? 'never' : ago(host.seen, look.now)
}

/** A host that has missed two reports is worth a look. */
function seenColour({ seen, step }: HostSummary, look: Look): Colour | undefined {
  return seen === undefined || look.now - seen > 2 * step ? 'yellow' : undefined
}

function agentInWords({ name, version, status }: AgentReport): string {
  return [name, version, status].filter((word) => word !== '').join(' ')
}

function agentsColour({ agents }: HostSummary): Colour | undefined {
  return agents.some(({ status }) => status === 'fatal' || status === 'killed') ? 'red' : undefined
}

function factsOf(host: HostDetail, look: Look): [name: string, value: string][] {
  const platform = host.platform === undefined ? '' : ` on ${host.platform.os}/${host.platform.arch}`
  return [
    ['agentsn', host.agentsn],
    ['hostname', host.hostname],
    ['tags', host.tags],
    ['bootagent', `${host.version}${platform}`],
    ['registered', ago(host.registered, look.now)],
    ['seen', `${seen(host, look)}; it reports every ${span(host.step)}`],
    ['open jobs', String(host.openJobs)],
  ]
}

const STATUS_COLOURS: Readonly<Record<AgentStatus, Colour>> = { running: 'green', stoped: 'dim', fatal: 'red', killed: 'red' }

/** What no agent of the host has told is not shown: an older BootAgent tells none of it. */
function agentColumns(agents: readonly AgentReport[]): Column<AgentReport>[] {
  const figures = FIGURES.filter(({ cell }) => agents.some((agent) => cell(agent) !== ''))
  return [...WHAT_RUNS, ...figures, { title: 'WHY', cell: whyOf }]
}

const WHAT_RUNS: readonly Column<AgentReport>[] = [
  { title: 'AGENT', cell: (agent) => agent.name },
  { title: 'VERSION', cell: (agent) => agent.version },
  { title: 'STATUS', cell: (agent) => agent.status, colour: (agent) => STATUS_COLOURS[agent.status] },
  { title: 'UP', cell: (agent) => (agent.status === 'running' ? span(agent.uptime) : '') },
]

const FIGURES: readonly Column<AgentReport>[] = [
  { title: 'CPU', cell: ({ resource }) => (resource === undefined ? '' : `${resource.cpu.toFixed(1)}%`) },
  { title: 'RSS', cell: ({ resource }) => (resource === undefined ? '' : formatSize(resource.rss)) },
  // What failed its trial there, and is tried again only by --force.
  { title: 'REFUSED', cell: ({ failed = [] }) => failed.join(', ') },
  { title: 'RESTARTS', cell: ({ restarts }) => (restarts === undefined ? '' : String(restarts)) },
]

function whyOf({ reason, state, cause }: AgentReport): string {
  const trial = reason !== undefined && state?.endsWith(', on trial') === true ? ', on trial' : ''
  const why = `${reason ?? state ?? ''}${trial}`
  return cause === undefined ? why : `${why} [${cause}]`.trimStart()
}

function jobColumns(look: Look): Column<HostDetail['jobs'][number]>[] {
  return [
    { title: 'JOB', cell: (job) => job.id },
    { title: 'ACTION', cell: (job) => job.action },
    { title: 'NAME', cell: (job) => job.name ?? '' },
    { title: 'MADE', cell: (job) => ago(job.created, look.now) },
    { title: 'RESULT', cell: describeHostJob, colour: (job) => STATE_COLOURS[job.state] },
  ]
}

function eventColumns(look: Look): Column<HostDetail['events'][number]>[] {
  return [
    { title: 'EVENT', cell: (event) => ago(event.timestamp, look.now) },
    { title: 'KIND', cell: (event) => event.category },
    { title: 'OF', cell: (event) => event.subject ?? '' },
    { title: 'MESSAGE', cell: (event) => event.message },
  ]
}
