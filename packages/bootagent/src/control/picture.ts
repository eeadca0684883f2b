import type { AgentStatus, Cause, Health } from '@bootagent/protocol'
import type { DriverKind, LimitName } from '../limits/driver.ts'
import type { Hearing } from '../remote/hearing.ts'
import type { AgentRecord, ExitRecord, FailedRelease, Metafile, ReleaseRecord } from '../state/metafile-schema.ts'
import { agentPaths, type Paths } from '../state/paths.ts'
import type { Slot } from '../state/own-slots.ts'
import type { AgentState, AgentView } from '../supervise/agent-view.ts'
import { describeEnding, policyFor, type RestartPolicy } from '../supervise/restart-policy.ts'
import { wireStatus } from '../supervise/wire-status.ts'
import type { Usage } from '../usage/usage.ts'

/** All that an operator at the host is shown, as plain JSON: made from what the server is told, and from nothing else. */
export interface HostPicture {
  readonly agentsn: string
  /** Whether a BootAgent took it; else the command line did, from the disk and from /proc. */
  readonly running: boolean
  /** Of the BootAgent that took it. */
  readonly version: string
  readonly bootid: string
  /** Seconds since BootAgent was started; 0 while it is not running. */
  readonly uptime: number
  /** Absent where no BootAgent took the picture. */
  readonly daemon?: DaemonPicture
  /** How agents are held to their limits here. */
  readonly limits?: { readonly kind: DriverKind; readonly why: string }
  /** What is heard of its servers; absent where no BootAgent took the picture. */
  readonly hearing?: Hearing
  readonly eventsWaiting: number
  readonly jobsOpen: number
  readonly agents: readonly AgentPicture[]
}

/** The process that took a picture. */
export interface DaemonPicture {
  readonly pid: number
  readonly home: string
  /** When it was started, in Unix seconds. */
  readonly since: number
  /** The process that starts it again when it ends; absent when nobody would. */
  readonly guard?: number
  /** The slot it runs from, where that is on trial, and the one to go back to. */
  readonly trial?: { readonly slot: Slot; readonly fallback: Slot }
  /** What another one would have to be started with to be like it. */
  readonly options: readonly string[]
}

/** One agent; times in Unix seconds, durations in seconds. */
export interface AgentPicture {
  readonly name: string
  /** `<version>-<sha8>`; empty while the first one is being installed. */
  readonly release: string
  readonly version: string
  /** The release to go back to. */
  readonly previous?: string
  readonly wanted: 'running' | 'stopped'
  readonly state: AgentState
  /** The seed's word for it. */
  readonly status: AgentStatus
  readonly reason: string
  /** Since when its process runs; of one without a process, when the last one ended. */
  readonly since?: number
  readonly cause?: Cause
  readonly pid?: number
  readonly uptime: number
  readonly restarts: number
  readonly strikes: number
  readonly strikesAllowed: number
  readonly fatal: boolean
  /** When the policy starts it again. */
  readonly nextStart?: number
  /** Latest last; at most five. */
  readonly exits: readonly ExitPicture[]
  readonly limits: readonly LimitPicture[]
  readonly health?: HealthPicture
  readonly usage?: Usage
  readonly trial?: { readonly job: string; readonly from: string | null; readonly seconds: number; readonly failure?: string }
  /** Releases that failed their trial and are refused unless forced, latest last. */
  readonly failed: readonly Omit<FailedRelease, 'tree' | 'asked'>[]
  readonly log: LogPicture
  /** The last lines it wrote; only where one agent is asked for. */
  readonly lastWords?: readonly string[]
}

export interface ExitPicture {
  readonly time: number
  readonly release: string
  /** `ended with exit code 3`. */
  readonly how: string
  readonly cause?: Cause
  readonly detail?: string
  readonly lived: number
  readonly abnormal: boolean
}

/** One limit in force, its value as a job wrote it. */
export interface LimitPicture {
  readonly limit: LimitName
  readonly value: string
  /** By the kernel, by us, or by nobody; absent when nobody was there to tell. */
  readonly how?: 'enforced' | 'advisory' | 'not watched'
  readonly why?: string
}

export interface HealthPicture {
  readonly kind: Health['kind']
  readonly ready: boolean
  /** The last check. */
  readonly last?: { readonly ok: boolean; readonly why?: string; readonly at: number }
}

export interface LogPicture {
  readonly path: string
  readonly bytes?: number
  /** Bytes that were dropped for lack of room. */
  readonly dropped?: number
}

/** What others know of one agent; each part absent where nobody does. */
export interface Particulars {
  readonly limits?: readonly LimitPicture[]
  readonly health?: HealthPicture
  readonly log?: Omit<LogPicture, 'path'>
}

/** What a picture is made of; `now` in Unix seconds, `uptime` in seconds since boot. */
export interface PictureFacts {
  readonly metafile: Metafile
  readonly views: ReadonlyMap<string, AgentView>
  readonly usage: ReadonlyMap<string, Usage>
  readonly particulars: (name: string) => Particulars
  /** The host's own; a release's settings go over it. */
  readonly policy: RestartPolicy
  readonly paths: Paths
  readonly host: Pick<HostPicture, 'running' | 'version' | 'bootid' | 'uptime' | 'daemon' | 'limits' | 'hearing'>
  readonly now: number
  readonly uptime: number
}

/** Makes the picture of a host. */
export function hostPicture(facts: PictureFacts): HostPicture {
  const { metafile, host } = facts
  return {
    agentsn: metafile.identity.agentsn,
    ...host,
    uptime: Math.floor(host.uptime),
    eventsWaiting: metafile.events.length,
    jobsOpen: Object.values(metafile.jobs).filter(({ state }) => state !== 'done').length,
    agents: Object.entries(metafile.agents).map(([name, record]) => agentPicture(facts, name, record)),
  }
}

function agentPicture(facts: PictureFacts, name: string, record: AgentRecord): AgentPicture {
  const view = facts.views.get(name) ?? NOT_SEEN
  const release = record.releases[record.release ?? '']
  const particulars = facts.particulars(name)
  const usage = facts.usage.get(name)
  return {
    name,
    ...releasesOf(record, release),
    wanted: record.wanted,
    ...stateOf(facts, record, view),
    uptime: Math.floor(view.uptime),
    restarts: record.restarts,
    strikes: record.strikes,
    strikesAllowed: policyFor(facts.policy, release?.restart ?? {}).strikes,
    fatal: record.fatal,
    exits: record.exits.map(exitPicture),
    failed: (facts.metafile.failed[name] ?? []).map(({ tree: _tree, asked: _asked, ...told }) => told),
    limits: particulars.limits ?? writtenLimits(release),
    ...(particulars.health === undefined ? {} : { health: particulars.health }),
    ...(usage === undefined ? {} : { usage }),
    log: { path: agentPaths(facts.paths, name).output, ...particulars.log },
  }
}

const NOT_SEEN: AgentView = { state: 'stopped', reason: 'not yet looked at', uptime: 0 }

type Releases = Pick<AgentPicture, 'release' | 'version' | 'previous' | 'trial'>

function releasesOf(record: AgentRecord, release: ReleaseRecord | undefined): Releases {
  const { previous, trial } = record
  return {
    release: record.release ?? '',
    version: release?.version ?? '',
    ...(previous === null ? {} : { previous }),
    ...(trial === null ? {} : { trial: trialPicture(trial) }),
  }
}

function trialPicture({ job, from, seconds, failure }: NonNullable<AgentRecord['trial']>): NonNullable<AgentPicture['trial']> {
  return { job, from, seconds, ...(failure === undefined ? {} : { failure }) }
}

type Seen = Pick<AgentPicture, 'state' | 'status' | 'reason' | 'since' | 'cause' | 'pid' | 'nextStart'>

function stateOf({ now, uptime }: PictureFacts, record: AgentRecord, view: AgentView): Seen {
  const ended = record.exits.at(-1)?.time
  const since = view.pid === undefined ? ended : now - Math.floor(view.uptime)
  return {
    state: view.state,
    status: wireStatus(view),
    reason: view.reason,
    ...(since === undefined ? {} : { since }),
    ...(view.cause === undefined ? {} : { cause: view.cause }),
    ...(view.pid === undefined ? {} : { pid: view.pid }),
    ...(view.nextStart === undefined ? {} : { nextStart: Math.ceil(now + Math.max(0, view.nextStart - uptime)) }),
  }
}

function exitPicture(exit: ExitRecord): ExitPicture {
  return {
    time: exit.time,
    release: exit.release,
    how: describeEnding(exit),
    ...(exit.cause === undefined ? {} : { cause: exit.cause }),
    ...(exit.detail === undefined ? {} : { detail: exit.detail }),
    lived: Math.round(exit.lived),
    abnormal: exit.abnormal,
  }
}

/** What was asked for, where nobody can say what has become of it. */
function writtenLimits(release: ReleaseRecord | undefined): LimitPicture[] {
  return Object.entries(release?.limits ?? {}).map(([limit, value]) => ({
    limit: limit as LimitName,
    value: typeof value === 'object' ? JSON.stringify(value) : String(value),
  }))
}
