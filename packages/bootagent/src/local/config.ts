import { readFileSync } from 'node:fs'
import { RestartSettings } from '@bootagent/protocol'
import { LOG_LEVELS } from '@bootagent/runtime'
import * as v from 'valibot'
import { BootAgentError } from '../errors.ts'

const Seconds = v.pipe(v.number(), v.minValue(0), v.maxValue(7 * 86_400))

/** The host's own settings, which no server can change: an optional JSON file. Times in seconds. */
const Fields = v.strictObject({
  /** The range a server may set the step in. */
  stepMin: v.optional(v.pipe(Seconds, v.minValue(0.05)), 60),
  stepMax: v.optional(Seconds, 3600),
  /** The step of a host no server has told otherwise. */
  step: v.optional(v.pipe(Seconds, v.minValue(0.05)), 600),
  /** Until the next report after nobody answered. */
  retry: v.optional(Seconds, 180),
  /** Between two reports at least. */
  gap: v.optional(Seconds, 10),
  /** How long a new release is watched. */
  trial: v.optional(Seconds, 60),
  /** Until a connection to a server stands, and until its whole answer is here. */
  connect: v.optional(Seconds, 10),
  exchange: v.optional(Seconds, 30),
  /** The same for a download, besides how long it may stand still. */
  download: v.optional(v.strictObject({ idle: v.optional(Seconds, 60), total: v.optional(Seconds, 3600) }), {}),
  /** A PEM file with the authorities https servers are to be vouched for by. */
  ca: v.optional(v.string()),
  /** Bytes a package may have at most. */
  maxPackage: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 2 * 1024 ** 3),
  /** The restart policy of agents that say nothing themselves. */
  restart: v.optional(RestartSettings, {}),
  level: v.optional(v.picklist(LOG_LEVELS), 'info'),
})
const Config = v.pipe(
  Fields,
  v.check(({ stepMin, stepMax }) => stepMin <= stepMax, 'stepMin is larger than stepMax'),
)
export type Config = v.InferOutput<typeof Config>

/** Where it is looked for when nobody says otherwise; there it may be missing. */
const DEFAULT_CONFIG = '/etc/bootagent/bootagent.json'

/** Reads and judges the local configuration; throws `usage` naming the field. */
export function readConfig(path: string | undefined): Config {
  const text = readText(path ?? DEFAULT_CONFIG, path === undefined)
  const parsed = v.safeParse(Config, parseJson(path ?? DEFAULT_CONFIG, text))
  if (parsed.success) return parsed.output
  const [issue] = parsed.issues
  throw new BootAgentError('usage', `${path ?? DEFAULT_CONFIG}: ${v.getDotPath(issue) ?? 'the whole'}: ${issue.message}`)
}

function readText(path: string, mayBeMissing: boolean): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (mayBeMissing && (error as NodeJS.ErrnoException).code === 'ENOENT') return '{}'
    throw new BootAgentError('usage', `the configuration ${path} cannot be read: ${(error as Error).message}`, error)
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BootAgentError('usage', `${path} is not JSON: ${(error as Error).message}`, error)
  }
}
