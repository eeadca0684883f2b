import type { AgentReport, JobProgress, StatusReport } from '@bootagent/protocol'
import { MAX_REPORT_BYTES } from '@bootagent/protocol'
import type { Carried } from '../job/outbox.ts'
import { unacknowledged } from '../job/outbox.ts'
import type { AgentRecord, FailedRelease, Metafile } from '../state/metafile-schema.ts'
import type { AgentView } from '../supervise/agent-view.ts'
import { wireStatus } from '../supervise/wire-status.ts'
import type { Usage } from '../usage/usage.ts'

/** What a report is made of; `now` is Unix seconds. */
export interface ReportFacts {
  readonly metafile: Metafile
  readonly views: ReadonlyMap<string, AgentView>
  /** By name; of agents that run, where it could be measured. */
  readonly usage?: ReadonlyMap<string, Usage> | undefined
  readonly progress: readonly JobProgress[]
  readonly host: {
    readonly hostname: string
    readonly version: string
    readonly bootid: string
    readonly os: string
    readonly arch: string
  }
  /** Seconds since our process was started. */
  readonly uptime: number
  readonly now: number
  /** Keys of the results to carry, and nothing else that could be acknowledged; all that waits to be told when absent. */
  readonly owed?: readonly string[] | undefined
}

/** Room for the part of the report that is always there, and for the JSON around it. */
const ENVELOPE_BYTES = 1024
/** What agents and progress may take at most, so that there is always room for results: a host whose report is too large is silent for ever. */
const AGENTS_BYTES = 40 * 1024
const PROGRESS_BYTES = 12 * 1024
/** Characters of a stage and of a reason; a stage may quote a url of any length. */
const STAGE_LENGTH = 200
const REASON_LENGTH = 200

/**
 * Composes a status report (seed 001, status report) and says what it carries, so that an answer acknowledges just that.
 * What does not fit into 64 KB waits for the next one: agents and progress are told always, then results and events, oldest first.
 */
export function composeReport(facts: ReportFacts): { report: StatusReport; carried: Carried } {
  const { metafile, host } = facts
  const agents = reportAgents(facts)
  const progress = reportProgress(facts.progress)
  const room = MAX_REPORT_BYTES - ENVELOPE_BYTES - bytes(agents) - bytes(progress)
  const results = (facts.owed ?? unacknowledged(metafile)).flatMap((key) => {
    const result = metafile.jobs[key]?.result
    return result === undefined ? [] : [{ key, value: result }]
  })
  const jobs = takeWhileFits(results, room)
  const events = takeWhileFits(
    (facts.owed === undefined ? metafile.events : []).map((event) => ({ key: event.id, value: event })),
    room - bytes(jobs.map((each) => each.value)),
  )
  return {
    report: {
      hostname: host.hostname,
      agentsn: metafile.identity.agentsn,
      version: host.version,
      uptime: Math.floor(facts.uptime),
      timestamp: facts.now,
      step: Math.max(1, Math.round(metafile.step)),
      agents,
      jobs: jobs.map((each) => each.value),
      progress,
      events: events.map((each) => each.value),
      features: [],
      bootid: host.bootid,
      platform: { os: host.os, arch: host.arch },
    },
    carried: { jobs: jobs.map((each) => each.key), events: events.map((each) => each.key) },
  }
}

/** All that is known of every agent; if that is too much, first without figures, then what the seed asks for, which always fits. */
function reportAgents({ metafile, views, usage }: ReportFacts): AgentReport[] {
  const agents = Object.entries(metafile.agents)
    .filter(([, record]) => record.release !== null)
    .map(([name, record]) => {
      const failed = metafile.failed[name] ?? []
      return reportAgent(name, record, { view: views.get(name), usage: usage?.get(name), failed })
    })
  const briefer = [agents, agents.map(withoutFigures), agents.map(asTheSeedAsks)]
  return briefer.find((each) => bytes(each) <= AGENTS_BYTES) ?? agents.map(asTheSeedAsks)
}

function withoutFigures({
  resource: _resource,
  restarts: _restarts,
  pid: _pid,
  failed: _failed,
  ...rest
}: AgentReport): AgentReport {
  return rest
}

function asTheSeedAsks({ name, version, status, uptime }: AgentReport): AgentReport {
  return { name, version, status, uptime }
}

function reportProgress(progress: readonly JobProgress[]): JobProgress[] {
  const entries = progress.map((each) => ({ key: each.id, value: { ...each, stage: each.stage.slice(0, STAGE_LENGTH) } }))
  return takeWhileFits(entries, PROGRESS_BYTES).map(({ value }) => value)
}

function reportAgent(name: string, record: AgentRecord, { view, usage, failed }: Seen): AgentReport {
  const release = record.release ?? ''
  const state = view?.state ?? 'stopped'
  return {
    name,
    version: record.releases[release]?.version ?? '',
    status: wireStatus({ ...view, state }),
    uptime: Math.floor(view?.uptime ?? 0),
    state: record.trial === null ? state : `${state}, on trial`,
    ...(view === undefined || view.reason === '' ? {} : { reason: view.reason.slice(0, REASON_LENGTH) }),
    ...(view?.cause === undefined ? {} : { cause: view.cause }),
    restarts: record.restarts,
    release,
    ...(failed.length === 0 ? {} : { failed: [...new Set(failed.map((each) => each.release))] }),
    ...(view?.pid === undefined ? {} : { pid: view.pid }),
    ...(usage === undefined || view?.pid === undefined ? {} : { resource: resourceOf(usage) }),
  }
}

/** What is seen of one agent. */
interface Seen {
  readonly view: AgentView | undefined
  readonly usage: Usage | undefined
  readonly failed: readonly FailedRelease[]
}

/** A tenth of a percent and whole bytes are more than anybody reads, and less than JSON makes of a float. */
function resourceOf({ cpu, rss, fds }: Usage): NonNullable<AgentReport['resource']> {
  return { cpu: Math.round(cpu * 10) / 10, rss: Math.round(rss), fds }
}

function takeWhileFits<Value>(entries: readonly { key: string; value: Value }[], room: number): { key: string; value: Value }[] {
  let left = room
  const firstTooMuch = entries.findIndex(({ value }) => {
    left -= bytes(value) + 1
    return left < 0
  })
  return entries.slice(0, firstTooMuch === -1 ? entries.length : firstTooMuch)
}

function bytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
