import * as v from 'valibot'
import { BootagentNeeded } from './bootagent-needed.ts'
import { parseChecksum } from './checksum.ts'
import type { Reason } from './errors.ts'
import { excerpt } from './excerpt.ts'
import { AgentName, JobId, OWN_NAME, Version } from './ids.ts'
import { knowsField } from './knows-field.ts'
import { parseLimits, WrittenLimits } from './limits.ts'
import { ConfigFiles, Health, RestartSettings, Run } from './run.ts'
import { parseServerList } from './server-list.ts'

/** Each message says the rule and never the value: a value may be a secret. */
const Envs = v.pipe(
  v.record(
    v.pipe(v.string(), v.regex(/^[^=\0]{1,256}$/, 'a name has 1 to 256 characters, no = and no NUL')),
    v.pipe(v.string('a value must be a string'), v.regex(/^[^\0]{0,32768}$/, 'a value has at most 32768 characters and no NUL')),
  ),
  v.check((envs) => Object.keys(envs).length <= 256, 'at most 256 variables'),
)

/** KB a second. */
export const Rate = v.pipe(
  v.number(),
  v.integer('a whole number of KB a second'),
  v.minValue(1, 'at least 1 KB a second'),
  v.maxValue(10_000_000, 'at most 10000000 KB a second'),
)

const common = {
  id: JobId,
  /** Unix seconds; a job not begun by then is answered with `deadline-passed`. */
  deadline: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
  /** Fields that a host must know, or refuse the job: each as its path, `limits.memory`. */
  must: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(64))), v.maxLength(32))),
  /** Reserved for signed jobs; carried, not yet judged. */
  signature: v.optional(v.string()),
}

const delivery = {
  ...common,
  name: AgentName,
  /** Where the package is: http, https, ftp or file; its last part tells the kind of archive. */
  url: v.pipe(v.string(), v.maxLength(2048)),
  checksum: v.pipe(v.string(), v.maxLength(256)),
  version: v.optional(Version),
  /** Exact length of the package in bytes. */
  size: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  /** The fastest the package may be fetched; KB (1024 bytes) a second. */
  rate: v.optional(Rate),
  /** Replaces the agent's whole environment map; absent leaves it. */
  envs: v.optional(Envs),
  /** Replaces the agent's whole limits map; absent leaves it. */
  limits: v.optional(WrittenLimits),
  run: v.optional(Run),
  /** Which BootAgent the package needs: an older one refuses the job before it fetches anything. */
  bootagent: v.optional(BootagentNeeded),
  restart: v.optional(RestartSettings),
  health: v.optional(Health),
  /** Replaces the agent's whole set of configuration files; absent leaves it. */
  files: v.optional(ConfigFiles),
  /** Tries a release once more that failed its trial on this host. */
  force: v.optional(v.boolean()),
  /** The release the sender believes is there, `1.2.3` or `1.2.3-<sha8>`; `none` for no such agent. */
  expect: v.optional(v.pipe(v.string(), v.maxLength(80))),
}

const InstallJob = v.object({ action: v.literal('install'), ...delivery })
const UpgradeJob = v.object({ action: v.literal('upgrade'), ...delivery })
const UninstallJob = v.object({
  action: v.literal('uninstall'),
  ...common,
  name: AgentName,
  /** Remove the agent's own data as well. */
  purge: v.optional(v.boolean()),
})
const controlOf = <Name extends string>(action: Name) => v.object({ action: v.literal(action), ...common, name: AgentName })
const RollbackJob = v.object({
  ...controlOf('rollback').entries,
  /** A version or a release that the host still has; the release before when absent. */
  to: v.optional(v.pipe(v.string(), v.maxLength(80))),
})
const ConfigJob = v.object({
  action: v.literal('config'),
  ...common,
  svrlist: v.optional(v.string()),
  /** Seconds between two reports; clamped by the host to 60 to 3600. */
  step: v.optional(v.pipe(v.number(), v.integer('a whole number of seconds'), v.minValue(1, 'at least 1 second'))),
})
const CancelJob = v.object({
  action: v.literal('cancel'),
  ...common,
  /** The id of the job to call off. */
  job: JobId,
  /** Of several jobs with that id, only the one about this agent; without it, all of them. */
  name: v.optional(AgentName),
})

/** What a job of each action says; `readJob` judges besides what a schema cannot say. */
export const JOBS = {
  install: InstallJob,
  upgrade: UpgradeJob,
  uninstall: UninstallJob,
  start: controlOf('start'),
  stop: controlOf('stop'),
  restart: controlOf('restart'),
  reset: controlOf('reset'),
  rollback: RollbackJob,
  config: ConfigJob,
  cancel: CancelJob,
} as const

/** What a job asks for. */
export type Action = keyof typeof JOBS
export const ACTIONS = Object.keys(JOBS) as Action[]

/** What operators ask for by a job of its own; a cancel is asked for of the job it calls off. */
export const ORDER_ACTIONS = ACTIONS.filter((action) => action !== 'cancel')
export type OrderAction = (typeof ORDER_ACTIONS)[number]

/** A job as a host takes it: every field judged, nothing left to find out but the world (seed 001, status reply, `jobs`). */
export type Job = { [A in Action]: v.InferOutput<(typeof JOBS)[A]> }[Action]
export type JobOf<A extends Action> = Extract<Job, { action: A }>
export type DeliveryJob = JobOf<'install' | 'upgrade'>

/** The agent a job is about; undefined for a job about the host itself, and for a cancel, which is about another job. */
export function agentOf(job: Job): string | undefined {
  return job.action !== 'cancel' && 'name' in job ? job.name : undefined
}

/** What reading one entry of `jobs` comes to. Without an id there is nobody to answer, so it becomes an event. */
export type JobReading =
  | { readonly kind: 'job'; readonly job: Job }
  | {
      readonly kind: 'refused'
      readonly id: string
      readonly action?: string
      readonly name?: string
      readonly reason: Reason
      readonly message: string
    }
  | { readonly kind: 'unanswerable'; readonly message: string }

/** Reads one entry of a reply's `jobs`. One bad entry never harms the others, so this never throws. */
export function readJob(entry: unknown): JobReading {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
    return { kind: 'unanswerable', message: 'an entry of jobs is not an object' }
  }
  const raw = entry as Readonly<Record<string, unknown>>
  const id = raw['id']
  if (!v.is(JobId, id)) {
    return { kind: 'unanswerable', message: 'a job has no usable id: 1 to 127 visible ASCII characters are needed to answer it' }
  }
  const reading = readFields(raw)
  return 'job' in reading ? { kind: 'job', job: reading.job } : { kind: 'refused', id, ...echo(raw), ...reading }
}

interface Refusal {
  readonly reason: Reason
  readonly message: string
}

/**
 * What the answer to a refused job repeats, so that the server knows which one is meant: only what is safe in a key and on a
 * terminal.
 */
function echo(raw: Readonly<Record<string, unknown>>): { action?: string; name?: string } {
  const { action, name } = raw
  return {
    ...(typeof action === 'string' && /^[\x21-\x7e]{1,64}$/.test(action) ? { action } : {}),
    ...(v.is(AgentName, name) ? { name } : {}),
  }
}

function readFields(raw: Readonly<Record<string, unknown>>): { job: Job } | Refusal {
  const action = raw['action']
  if (action === undefined || action === null || action === '')
    return { reason: 'action-missing', message: 'the job has no action' }
  if (typeof action !== 'string') return { reason: 'job-malformed', message: 'action is not a string' }
  if (!isAction(action)) {
    return { reason: 'action-unknown', message: `action "${excerpt(action)}" is not known; known are ${ACTIONS.join(', ')}` }
  }
  // The schema library takes a list for an object with the fields "0", "1" …
  const list = MAPS.find((field) => Array.isArray(raw[field]))
  if (list !== undefined) return refuseField(list, `${list} is a list where an object belongs`)
  const reading = v.safeParse(JOBS[action], raw)
  if (!reading.success) return refuseIssue(reading.issues[0])
  const unknown = reading.output.must?.find((field) => !knowsField(JOBS[action], field))
  if (unknown !== undefined) {
    return { reason: 'field-unknown', message: `the job must not be done without "${excerpt(unknown)}", which is not known here` }
  }
  return judge(reading.output) ?? { job: reading.output }
}

const MAPS = ['envs', 'limits', 'run', 'restart', 'health', 'files'] as const

/** Own keys only: `constructor` is no action. */
function isAction(action: string): action is Action {
  return Object.hasOwn(JOBS, action)
}

function refuseIssue(issue: v.BaseIssue<unknown>): Refusal {
  const field = v.getDotPath(issue)?.replace(/^limits\.disk\.(\d+)/, 'limits.disk[$1]') ?? 'job'
  return refuseField(field, issue.received === 'undefined' ? `${field} is missing` : `${field}: ${issue.message}`)
}

function refuseField(field: string, message: string): Refusal {
  return { reason: REASON_BY_FIELD[field.split('.')[0] ?? ''] ?? 'job-malformed', message: excerpt(message, 300) }
}

const REASON_BY_FIELD: Readonly<Record<string, Reason>> = {
  name: 'name-bad',
  url: 'url-bad',
  checksum: 'checksum-bad',
  limits: 'limits-bad',
  svrlist: 'svrlist-bad',
  step: 'step-bad',
}

/** What BootAgent can do to itself. */
const OF_ITSELF: readonly string[] = ['install', 'upgrade', 'rollback', 'restart']

/** What a schema cannot say: fields that must be read to be judged. */
function judge(job: Job): Refusal | undefined {
  if (agentOf(job) === OWN_NAME && !OF_ITSELF.includes(job.action)) {
    return { reason: 'own-name', message: `${OWN_NAME} is this program itself; it cannot ${job.action} itself` }
  }
  if (job.action === 'config') return judgeConfig(job)
  if (job.action !== 'install' && job.action !== 'upgrade') return undefined
  const limits = parseLimits(job.limits ?? {})
  if ('refused' in limits) return { reason: 'limits-bad', message: limits.refused }
  const checksum = parseChecksum(job.checksum)
  if ('refused' in checksum) return { reason: 'checksum-bad', message: checksum.refused }
  return judgeUrl(job.url)
}

function judgeConfig(job: JobOf<'config'>): Refusal | undefined {
  if (job.svrlist === undefined) return undefined
  const list = parseServerList(job.svrlist)
  if ('refused' in list) return { reason: 'svrlist-bad', message: list.refused }
  if (list.servers.length === 0) return { reason: 'svrlist-bad', message: 'svrlist names no server' }
  return undefined
}

const SCHEMES: ReadonlySet<string> = new Set(['http:', 'https:', 'ftp:', 'file:'])

function judgeUrl(text: string): Refusal | undefined {
  const scheme = /^([a-z][a-z0-9+.-]*:)/i.exec(text)?.[1]?.toLowerCase()
  if (scheme === undefined) return { reason: 'url-bad', message: `url "${excerpt(text, 80)}" has no scheme such as http://` }
  if (!SCHEMES.has(scheme)) {
    return { reason: 'url-scheme', message: `packages are not fetched by ${excerpt(scheme)}//; use http, https, ftp or file` }
  }
  if (URL.parse(text) === null) return { reason: 'url-bad', message: `url "${excerpt(text, 80)}" cannot be read` }
  return undefined
}
