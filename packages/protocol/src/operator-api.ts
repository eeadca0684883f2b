import * as v from 'valibot'
import { ACTIONS, ORDER_ACTIONS, type OrderAction } from './job.ts'
import { AgentName, Agentsn, Tags, Version } from './ids.ts'
import { WrittenLimits } from './limits.ts'
import { PackageRecord } from './package.ts'
import { ConfigFiles, Health, RestartSettings, Run } from './run.ts'
import { AgentReport, HostEvent, JobProgress } from './status.ts'
import { Platform } from './register.ts'

/** A host in a list. Times are Unix seconds. */
export const HostSummary = v.object({
  agentsn: v.string(),
  hostname: v.string(),
  tags: v.string(),
  version: v.string(),
  platform: v.optional(Platform),
  registered: v.number(),
  /** When it last reported; absent until it has. */
  seen: v.optional(v.number()),
  /** Seconds between its reports, as it last said. */
  step: v.number(),
  agents: v.array(AgentReport),
  /** Jobs not finished. */
  openJobs: v.number(),
})
export type HostSummary = v.InferOutput<typeof HostSummary>

/** Where one host is with one job: `queued` until offered, `offered` until the host says it has it. */
export const HOST_JOB_STATES = ['queued', 'offered', 'running', 'succeeded', 'failed'] as const
export type HostJobState = (typeof HOST_JOB_STATES)[number]

export const HostJob = v.object({
  agentsn: v.string(),
  hostname: v.string(),
  state: v.picklist(HOST_JOB_STATES),
  progress: v.optional(JobProgress),
  errcode: v.optional(v.number()),
  message: v.optional(v.string()),
  /** When the result came. */
  finished: v.optional(v.number()),
})
export type HostJob = v.InferOutput<typeof HostJob>

/** One request by an operator, for one host or many. */
export const JobSummary = v.object({
  id: v.string(),
  action: v.picklist(ACTIONS),
  name: v.optional(v.string()),
  version: v.optional(v.string()),
  /** Of a cancel: the id of the job it calls off. */
  job: v.optional(v.string()),
  created: v.number(),
  counts: v.object(v.entriesFromList(HOST_JOB_STATES, v.number())),
})
export type JobSummary = v.InferOutput<typeof JobSummary>
export const JobDetail = v.object({ ...JobSummary.entries, hosts: v.array(HostJob) })
export type JobDetail = v.InferOutput<typeof JobDetail>

export const HostDetail = v.object({
  ...HostSummary.entries,
  /** The latest twenty jobs of the host, newest first. */
  jobs: v.array(
    v.object({
      id: v.string(),
      action: v.string(),
      name: v.optional(v.string()),
      created: v.number(),
      ...v.omit(HostJob, ['agentsn', 'hostname']).entries,
    }),
  ),
  /** The latest five events, newest first; EventList has the others. */
  events: v.array(HostEvent),
})
export type HostDetail = v.InferOutput<typeof HostDetail>

/** An event in a list of the fleet's. */
export const EventSummary = v.object({
  /** 1 for the first this server ever stored, and counting: the order in which they came. */
  position: v.number(),
  agentsn: v.string(),
  hostname: v.string(),
  /** When it came to the server; `timestamp` is when it happened, by the host's clock. */
  received: v.number(),
  ...v.omit(HostEvent, ['extra']).entries,
  /** How many alike this one stands for, where the host had folded them. */
  folded: v.optional(v.number()),
})
export type EventSummary = v.InferOutput<typeof EventSummary>
/** One event with all that was said of it. */
export const EventDetail = v.object({ ...EventSummary.entries, extra: HostEvent.entries.extra })
export type EventDetail = v.InferOutput<typeof EventDetail>

/** Newest first; `next` is the cursor of those before, absent at the end. */
export const EventList = v.object({ events: v.array(EventSummary), next: v.optional(v.string()) })
export type EventList = v.InferOutput<typeof EventList>

/** Which hosts a job is for: named ones, those whose tags match now, or all. */
export const Target = v.union([
  v.object({ hosts: v.pipe(v.array(Agentsn), v.minLength(1), v.maxLength(1000)) }),
  v.object({ tags: v.pipe(Tags, v.minLength(1)) }),
  v.object({ all: v.literal(true) }),
])
export type Target = v.InferOutput<typeof Target>

/**
 * Asks for a job. For install and upgrade the server finds the package for each host's platform and fills url, checksum, size and
 * run; unless a url is given: then the package is there, whatever this server has, and the checksum is needed.
 */
export const CreateJob = v.object({
  target: Target,
  action: v.picklist(ORDER_ACTIONS as [OrderAction, ...OrderAction[]]),
  /** The agent; needed by every action but config. */
  name: v.optional(AgentName),
  /** The package's version; the newest published when absent. */
  version: v.optional(Version),
  envs: v.optional(v.record(v.string(), v.string())),
  limits: v.optional(WrittenLimits),
  run: v.optional(Run),
  restart: v.optional(RestartSettings),
  health: v.optional(Health),
  files: v.optional(ConfigFiles),
  force: v.optional(v.boolean()),
  /** For rollback. */
  to: v.optional(v.string()),
  expect: v.optional(v.string()),
  /** Where a package is that this server does not have, and what its bytes hash to. */
  url: v.optional(v.string()),
  checksum: v.optional(v.string()),
  size: v.optional(v.number()),
  /** KB a second. */
  rate: v.optional(v.number()),
  deadline: v.optional(v.number()),
  must: v.optional(v.array(v.string())),
  purge: v.optional(v.boolean()),
  svrlist: v.optional(v.string()),
  step: v.optional(v.number()),
})
export type CreateJob = v.InferOutput<typeof CreateJob>

/** Calls a job off on the hosts that have not ended it. */
export const CancelOrder = v.object({
  /** Only on these. */
  hosts: v.optional(v.pipe(v.array(Agentsn), v.minLength(1), v.maxLength(1000))),
})
export type CancelOrder = v.InferOutput<typeof CancelOrder>

/** What a job may say of running an agent, as operators write it in a file: a word it does not know is a slip of the pen, and refused. */
export const DeliverySettings = v.strictObject({
  envs: CreateJob.entries.envs,
  limits: CreateJob.entries.limits,
  run: CreateJob.entries.run,
  restart: CreateJob.entries.restart,
  health: CreateJob.entries.health,
  files: CreateJob.entries.files,
})
export type DeliverySettings = v.InferOutput<typeof DeliverySettings>

export const HostList = v.object({ hosts: v.array(HostSummary) })
export const JobList = v.object({ jobs: v.array(JobSummary) })
export const PackageList = v.object({ packages: v.array(PackageRecord) })
export const SetTags = v.object({ tags: Tags })

/** The body of every refusal by the server. */
export const Problem = v.object({
  /** A key of PROBLEMS. */
  code: v.string(),
  /** One sentence that says what to do. */
  message: v.string(),
})
export type Problem = v.InferOutput<typeof Problem>

/** What the server refuses with, and the HTTP status that carries it. */
export const PROBLEMS = {
  'bad-request': 400,
  'token-needed': 401,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'not-json': 415,
  'out-of-range': 416,
  'nothing-matches': 422,
  internal: 500,
  busy: 503,
} as const
export type ProblemCode = keyof typeof PROBLEMS
