import * as v from 'valibot'
import { CAUSES } from './cause.ts'
import { Agentsn, Tags } from './ids.ts'
import { Platform } from './register.ts'
import { isSmallJson } from './small-json.ts'

const WholeSeconds = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(2 ** 40))
/** At most 500 characters; a peer's longer one is cut, since a result told too wordily is still a result. */
const Sentence = v.pipe(
  v.string(),
  v.transform((text) => text.slice(0, 500)),
)
const Short = v.pipe(v.string(), v.maxLength(255))
/** JSON can be read as infinite (1e400) and is then written as null. */
const Measure = v.pipe(v.number(), v.finite())

/** The seed's four words for an agent (备注: Agent状态); `stoped` is its spelling and stays. */
export const AGENT_STATUSES = ['stoped', 'running', 'fatal', 'killed'] as const
export type AgentStatus = (typeof AGENT_STATUSES)[number]

/** One agent of the host, as its supervisor sees it now. */
export const AgentReport = v.object({
  name: Short,
  /** Empty while no release is installed. */
  version: Short,
  status: v.picklist(AGENT_STATUSES),
  /** Seconds since its process was started; 0 when it is not running. */
  uptime: WholeSeconds,
  /** Ours: the exact state, such as `waiting` (for a restart) behind `stoped`. */
  state: v.optional(Short),
  /** Ours: why it is in that state, in a sentence. */
  reason: v.optional(Sentence),
  /** Ours: why its last process ended; while it does not run again, and nobody had asked for that end. */
  cause: v.optional(v.picklist(CAUSES)),
  /** Ours: how often its process was started again after an end nobody had asked for, since it was installed. */
  restarts: v.optional(WholeSeconds),
  /** Ours: `<version>-<sha8>`. */
  release: v.optional(Short),
  /** Ours: releases that failed their trial here and are not tried again unless a job forces it. */
  failed: v.optional(v.array(Short)),
  /** Ours. */
  pid: v.optional(v.pipe(v.number(), v.integer())),
  /** Ours: what it uses now: cpu in percent of one core, rss in bytes, fds as a count. */
  resource: v.optional(v.object({ cpu: Measure, rss: Measure, fds: Measure })),
})
export type AgentReport = v.InferOutput<typeof AgentReport>

/** The one result of one job. */
export const JobResult = v.object({
  id: v.pipe(v.string(), v.maxLength(127)),
  /** 0 is success; see the errcode table. */
  errcode: v.pipe(v.number(), v.integer()),
  /** One sentence an operator understands; at most 500 characters. */
  message: Sentence,
  /** Ours: with `name` they tell apart two jobs of one id. */
  action: v.optional(Short),
  name: v.optional(Short),
})
export type JobResult = v.InferOutput<typeof JobResult>

/** Ours: a job the host has taken and not finished. It is not in `jobs`, where a seed-only server would read a result (ADR 0007). */
export const JobProgress = v.object({
  id: v.pipe(v.string(), v.maxLength(127)),
  action: Short,
  name: v.optional(Short),
  /** What is being done, in the words of the plan: `download the package`. */
  stage: Short,
  /** Bytes so far and in all, while something is counted. */
  done: v.optional(Measure),
  total: v.optional(Measure),
})
export type JobProgress = v.InferOutput<typeof JobProgress>

/** Ours: something that happened at the host and that an operator should know. */
export const HostEvent = v.object({
  /** Given by the host; with `agentsn` it names the event for ever. */
  id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  timestamp: WholeSeconds,
  /** One of `EVENT_CATEGORIES`, or one of a later version's. */
  category: Short,
  subject: v.optional(Short),
  message: Sentence,
  /** Details in a shape of the category's own; at most 8 levels and 4,096 characters of JSON. Of any: `folded`, how many events this one stands for, and `since`, when the first of them was. */
  extra: v.optional(
    v.pipe(
      v.record(v.string(), v.unknown()),
      v.check((value) => isSmallJson(value), 'at most 8 levels and 4096 characters of JSON'),
    ),
  ),
})
export type HostEvent = v.InferOutput<typeof HostEvent>

/** Host ▸ server, `POST /agent/status` (seed 001, 状态上报接口). */
export const StatusReport = v.object({
  hostname: v.pipe(v.string(), v.minLength(1), v.maxLength(255)),
  agentsn: Agentsn,
  /** `bootagent-1.2.4-x86_64`. */
  version: v.pipe(v.string(), v.maxLength(128)),
  /** Seconds since BootAgent's process was started. */
  uptime: WholeSeconds,
  /** Unix seconds when the report was made. */
  timestamp: WholeSeconds,
  /** Seconds until the next report, by the host's setting. */
  step: WholeSeconds,
  agents: v.array(AgentReport),
  jobs: v.array(JobResult),
  /** Ours. */
  progress: v.optional(v.array(JobProgress)),
  events: v.optional(v.array(HostEvent)),
  features: v.optional(v.array(Short)),
  bootid: v.optional(Short),
  platform: v.optional(Platform),
})
export type StatusReport = v.InferOutput<typeof StatusReport>

/** Server ▸ host. `status` is no error signal (seed: 目前直接忽略返回值). Each entry of `jobs` is read on its own by `readJob`. */
export const StatusReply = v.object({
  status: v.pipe(v.number(), v.integer()),
  jobs: v.optional(v.nullable(v.array(v.unknown())), []),
  /** Ours: the tags the server knows the host by now. */
  tags: v.nullish(Tags),
})
export type StatusReply = v.InferOutput<typeof StatusReply>

/** Bodies larger than these are refused (bytes). */
export const MAX_REPORT_BYTES = 64 * 1024
export const MAX_REPLY_BYTES = 1024 * 1024
/** Jobs a host keeps open at once, and so the most a server offers. */
export const MAX_OPEN_JOBS = 50
