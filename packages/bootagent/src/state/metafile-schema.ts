import {
  Agentsn,
  AgentName,
  CAUSES,
  Health,
  HostEvent,
  JobResult,
  type Reason,
  RestartSettings,
  Run,
  Tags,
  Version,
  WrittenLimits,
} from '@bootagent/protocol'
import * as v from 'valibot'
import { contradictsChecksum, textWithChecksum } from './metafile-checksum.ts'
import { SLOTS } from './own-slots.ts'

/** The shape this version writes; a larger number is a newer BootAgent's and is not touched. */
export const METAFILE_FORMAT = 1

/**
 * Who this host is. It is claimed on disk before it is sent, registered when the server has accepted it, and confirmed
 * once a status report under it was answered (seed 001: only then is an agentsn legitimate).
 */
const Identity = v.object({
  agentsn: Agentsn,
  source: v.picklist(['given', 'dmi', 'machine-id', 'random', 'server']),
  machine: v.string(),
  standing: v.picklist(['claimed', 'registered', 'confirmed']),
})

/** When the files of a tree were written, the first and the last: milliseconds, by the disk that holds them. */
const Written = v.object({ first: v.number(), last: v.number() })

/** An unpacked package and how it is run; settings are a release's own, so that going back brings them back. */
const Release = v.object({
  version: Version,
  digest: v.string(),
  /** The directory it was unpacked into, which releases of one package share (ADR 0026); absent where that is named like the release. */
  tree: v.optional(v.string()),
  /** Of its tree, as it was sealed. */
  written: v.optional(Written),
  run: Run,
  envs: v.record(v.string(), v.string()),
  limits: WrittenLimits,
  restart: RestartSettings,
  health: v.optional(Health),
  /** What the package says of running it: what a job that brings it leaves out is this. */
  own: v.optional(v.object({ run: v.optional(Run), restart: v.optional(RestartSettings), health: v.optional(Health) })),
  /** Its configuration files, by path; the sha256 of each, for what is in them lies on the disk. */
  files: v.optional(v.record(v.string(), v.string())),
})

/** How one process ended; `code` and `signal` both absent means that nobody can know. */
const Exit = v.object({
  release: v.string(),
  attempt: v.string(),
  code: v.optional(v.number()),
  signal: v.optional(v.string()),
  /** Seconds the process had lived. */
  lived: v.number(),
  /** Seconds since the boot named by `bootid`. */
  at: v.number(),
  bootid: v.string(),
  /** Unix seconds, for people. */
  time: v.number(),
  /** Whether it counts as a failure: not asked for, and its code not among `exitCodes`. */
  abnormal: v.boolean(),
  /** Why it ended; only of a failure. */
  cause: v.optional(v.picklist(CAUSES)),
  /** Figures behind the cause, for people: `21 MB of 20 MB, 5 checks in a row`. */
  detail: v.optional(v.string()),
})

/** Reasons that lie with the host and may pass: no room, a disk that cannot be read or written, no process to be had. */
export const HINDRANCES = ['disk-full', 'disk-error', 'start-hindered'] as const satisfies readonly Reason[]

/** One of them, of which a step of a job may fail. */
export type Hindrance = (typeof HINDRANCES)[number]

/** Whether the host only lacked something, for now. */
export function isHindrance(reason: Reason): reason is Hindrance {
  return (HINDRANCES as readonly Reason[]).includes(reason)
}

/** The watch over a new release. It is on disk before the release is started, and gone only with the job's result. */
const Trial = v.object({
  /** The job that brought the release. */
  job: v.string(),
  release: v.string(),
  /** The release to go back to; null when there was none. */
  from: v.nullable(v.string()),
  /** Whether the agent was to run before; going back brings that back too. */
  wanted: v.picklist(['running', 'stopped']),
  /** How long it must run without a fault. */
  seconds: v.number(),
  /** The attempt whose exit was the latest when the watch began; only later exits count. */
  after: v.nullable(v.string()),
  /** What could be gone back to before the watch began; going back brings that back too. */
  previous: v.optional(v.nullable(v.string())),
  /** Set when it failed: from then on there is only the way back. */
  failure: v.optional(v.string()),
  /** Set with it when the host lacked something: then nothing is said against the release. */
  hindered: v.optional(v.picklist(HINDRANCES)),
  /** Its last lines of output when it failed: once the old release runs again, they are no longer the last. */
  lines: v.optional(v.array(v.string())),
})

/** A release that failed its trial: why, and what was seen of it. It is refused when the same is offered again (ADR 0027). */
const FailedRelease = v.object({
  release: v.string(),
  tree: v.string(),
  /** Fingerprint of the settings the job gave: with others the release may hold. */
  asked: v.string(),
  /** Unix seconds. */
  time: v.number(),
  /** A sentence. */
  why: v.string(),
  /** Its exits during the trial, each in words. */
  exits: v.array(v.string()),
  /** Its last lines of output. */
  lines: v.array(v.string()),
})

const AgentRecord = v.object({
  wanted: v.picklist(['running', 'stopped']),
  /** The release that is to run; null only while the first one is being installed. */
  release: v.nullable(v.string()),
  previous: v.nullable(v.string()),
  releases: v.record(v.string(), Release),
  trial: v.nullable(Trial),
  /** Abnormal exits in a row, each within the window after its start. */
  strikes: v.number(),
  /** Given up: not started again until start, reset or another release. */
  fatal: v.boolean(),
  /** Starts by the policy after failures, since it was installed. */
  restarts: v.optional(v.number(), 0),
  /** Latest last; at most five. */
  exits: v.array(Exit),
})

/** What was found changed below an agent's directory before it was deleted. */
const Changes = v.object({
  /** How many files were changed or added. */
  count: v.number(),
  /** The first of them: paths below the agent's directory, in quotation marks. */
  some: v.array(v.string()),
  /** Of some files it could not be seen whether they were. */
  partly: v.boolean(),
})

/** A job from its acceptance until a week after its result was acknowledged. */
const JobRecord = v.object({
  /** As it came and was judged; whole until it has ended, since it is planned again after a crash. Null when it was refused at the door. */
  job: v.nullable(v.looseObject({ id: v.string(), action: v.string(), name: v.optional(v.string()) })),
  state: v.picklist(['accepted', 'running', 'done']),
  /** Ordered by an operator at the host: the server knows nothing of it and is not sent its result. */
  local: v.optional(v.literal(true)),
  /** The server that asked for it. Still there once another has acknowledged the result: then it is owed to this one. */
  from: v.optional(v.string()),
  /** Unix seconds. */
  accepted: v.number(),
  /** The agent's attempt when the job began: how a restart that was cut off knows whether it has happened. */
  before: v.optional(v.string()),
  /** The key of the cancel that called it off while it was at work; its next plan is the way out. */
  calledOff: v.optional(v.string()),
  /** Of an uninstall, what it found before it deleted the first file: afterwards nobody can see it. */
  changes: v.optional(Changes),
  result: v.optional(JobResult),
  /** Unix seconds when the result was acknowledged, by whichever server; absent while it must still be sent. */
  acknowledged: v.optional(v.number()),
})

/** An upgrade of BootAgent itself: on disk before the switch, gone with the job's result. */
const OwnUpgrade = v.object({
  job: v.string(),
  from: v.picklist(SLOTS),
  to: v.picklist(SLOTS),
  /** What is in the slot `to`, and what runs from `from`. */
  version: v.string(),
  before: v.string(),
  /** `<version>-<first 8 digits of the package's digest>`; absent where it was here already. */
  tree: v.optional(v.string()),
  /** The switch was made: `from` being current again means that it was taken back. */
  switched: v.optional(v.boolean()),
  /** Why it was taken back. */
  failure: v.optional(v.string()),
})

/**
 * The one truth of a host, as JSON on disk, with a checksum beside its fields (ADR 0058). Unknown fields of a later version of this format
 * are dropped on read.
 */
export const Metafile = v.object({
  format: v.literal(METAFILE_FORMAT),
  identity: Identity,
  tags: Tags,
  /** As it was given: `-S` at first start, then what a config job brought. The baked-in list is never in it. */
  svrlist: v.string(),
  /** Seconds between reports. */
  step: v.number(),
  agents: v.record(AgentName, AgentRecord),
  /** By job key, in the order of acceptance. */
  jobs: v.record(v.string(), JobRecord),
  /** Not yet acknowledged, oldest first; bounded by events.ts. */
  events: v.array(HostEvent),
  /** By agent, latest last; here and not with the agent, since a first release that fails leaves none. */
  failed: v.optional(v.record(AgentName, v.array(FailedRelease)), {}),
  /** BootAgent itself: the version that ran last and was kept, and its upgrade by a job. */
  own: v.optional(v.object({ version: v.optional(v.string()), upgrade: v.optional(OwnUpgrade) })),
})
export type Metafile = v.InferOutput<typeof Metafile>
export type Identity = v.InferOutput<typeof Identity>
export type AgentRecord = v.InferOutput<typeof AgentRecord>
export type ReleaseRecord = v.InferOutput<typeof Release>
export type Written = v.InferOutput<typeof Written>
export type Changes = v.InferOutput<typeof Changes>
export type ExitRecord = v.InferOutput<typeof Exit>
export type Trial = v.InferOutput<typeof Trial>
export type JobRecord = v.InferOutput<typeof JobRecord>
export type OwnUpgrade = v.InferOutput<typeof OwnUpgrade>
export type FailedRelease = v.InferOutput<typeof FailedRelease>

/** A change of the metafile: pure, from the old value to the new. */
export type Reducer = (metafile: Metafile) => Metafile

/** What a metafile's bytes turn out to be. */
export type MetafileReading =
  | { readonly kind: 'ok'; readonly metafile: Metafile }
  | { readonly kind: 'unreadable'; readonly why: string }
  | { readonly kind: 'newer'; readonly format: number }

/**
 * The most bytes a metafile may have. Two hundred agents and a thousand jobs come to some megabytes, and an answer of a server to no more than one:
 * what is beyond this was not written by a BootAgent, and is not read into its memory.
 */
export const MOST_METAFILE_BYTES = 64 * 1024 ** 2

/** What one of more bytes is. */
export function tooLarge(bytes: number): MetafileReading {
  return { kind: 'unreadable', why: `it has ${bytes} bytes, and a metafile never more than ${MOST_METAFILE_BYTES}` }
}

/** Judges the text of a metafile; never throws. */
export function readMetafile(text: string): MetafileReading {
  const bytes = Buffer.byteLength(text)
  if (bytes > MOST_METAFILE_BYTES) return tooLarge(bytes)
  if (text.trim() === '') return { kind: 'unreadable', why: 'it is empty' }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { kind: 'unreadable', why: `it is not JSON (${error.message})` }
  }
  // First of all: a flipped bit must not make it a newer BootAgent's.
  if (contradictsChecksum(value)) return { kind: 'unreadable', why: CONTRADICTION }
  const format = (value as { format?: unknown } | null)?.format
  if (typeof format === 'number' && format > METAFILE_FORMAT) return { kind: 'newer', format }
  const reading = v.safeParse(Metafile, value)
  if (reading.success) return { kind: 'ok', metafile: reading.output }
  const [issue] = reading.issues
  return { kind: 'unreadable', why: `its field ${v.getDotPath(issue) ?? '(whole)'} is not as expected: ${issue.message}` }
}

const CONTRADICTION = 'its checksum is not that of its content: it was damaged, or changed by hand, and then its checksum must go'

/** The text of a metafile, as {@link readMetafile} takes it. */
export function writtenMetafile(metafile: Metafile): string {
  return textWithChecksum(metafile)
}

/** A new host, before it has been told anything. */
export function newMetafile(first: { identity: Identity; svrlist: string; step: number }): Metafile {
  return { format: METAFILE_FORMAT, ...first, tags: '', agents: {}, jobs: {}, events: [], failed: {} }
}

/** An agent of which nothing is installed yet. */
export const NEW_AGENT: AgentRecord = {
  wanted: 'running',
  release: null,
  previous: null,
  releases: {},
  trial: null,
  strikes: 0,
  fatal: false,
  restarts: 0,
  exits: [],
}

/** Changes one agent's record; an agent that is not there is left alone. */
export function changeAgent(name: string, change: (agent: AgentRecord) => AgentRecord): Reducer {
  return (metafile) => {
    const agent = metafile.agents[name]
    return agent === undefined ? metafile : { ...metafile, agents: { ...metafile.agents, [name]: change(agent) } }
  }
}

/** Changes one job's record; a job that is not there is left alone. */
export function changeJob(key: string, change: (record: JobRecord) => JobRecord): Reducer {
  return (metafile) => {
    const record = metafile.jobs[key]
    const changed = record === undefined ? undefined : change(record)
    return changed === record || changed === undefined ? metafile : { ...metafile, jobs: { ...metafile.jobs, [key]: changed } }
  }
}
