import * as v from 'valibot'
import { AgentName, Version } from './ids.ts'
import { isSmallJson } from './small-json.ts'

const Seconds = (max: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(max))

/** A path inside the release: relative, without `..`, at most 255 characters. */
const InnerPath = v.pipe(
  v.string(),
  v.regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\0\n]{1,255}$/, 'a relative path inside the package, without ..'),
)

/** How a release is run. */
export const Run = v.object({
  /** The program, relative to the package's root. */
  exec: InnerPath,
  args: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4096))), v.maxLength(256))),
})
export type Run = v.InferOutput<typeof Run>

/** What a job or package may set of the restart policy (seed 001, restart policy); all in seconds, but `strikes` and `exitCodes`. */
export const RestartSettings = v.object({
  /** No restart within this time of an abnormal exit; 180. */
  delay: v.optional(Seconds(86_400)),
  /** An exit sooner than this after its start is a strike; 900. */
  window: v.optional(Seconds(86_400)),
  /** More strikes in a row than this are fatal; 3. */
  strikes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000))),
  /** How often exits are looked for besides being told; 60. */
  check: v.optional(Seconds(3600)),
  /** From TERM to KILL; 60. */
  grace: v.optional(Seconds(3600)),
  /** Exit codes that are no failure; the agent then rests until it is started. */
  exitCodes: v.optional(v.pipe(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255))), v.maxLength(256))),
})
export type RestartSettings = v.InferOutput<typeof RestartSettings>

/** How a running agent is asked whether it is well. Kept with the release; acted on from the release that brings health checks. */
export const Health = v.pipe(
  v.looseObject({ kind: v.picklist(['file', 'tcp', 'http', 'exec']) }),
  v.check((value) => isSmallJson(value), 'at most 8 levels and 4096 characters of JSON'),
)
export type Health = v.InferOutput<typeof Health>

/** `agent.json` at a package's root: what its author knows about running it. */
export const AgentManifest = v.object({
  name: v.optional(AgentName),
  version: v.optional(Version),
  run: v.optional(Run),
  restart: v.optional(RestartSettings),
  health: v.optional(Health),
})
export type AgentManifest = v.InferOutput<typeof AgentManifest>
