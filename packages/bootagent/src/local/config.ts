import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { Rate, RestartSettings } from '@bootagent/protocol'
import { LOG_LEVELS } from '@bootagent/runtime'
import * as v from 'valibot'
import { DRIVER_KINDS } from '../limits/driver.ts'
import { BootAgentError } from '../errors.ts'
import { isProxyUrl } from './proxies.ts'

/** Metrics tell what runs on a host, and are asked for without a password. */
const Loopback = v.pipe(
  v.string(),
  v.check(
    (address) => address === '::1' || (isIP(address) === 4 && address.startsWith('127.')),
    'an address of this host only: 127.0.0.1 or ::1',
  ),
)

/** Without its value in the message: it may carry a login. */
const ProxyUrl = v.pipe(v.string(), v.check(isProxyUrl, 'an http or https url of a proxy'))

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
  /** How long a new BootAgent may take until a server has answered it. */
  ownTrial: v.optional(v.pipe(Seconds, v.minValue(1)), 300),
  /** How long an agent that is busy is waited for before an upgrade, where the job sets no deadline. */
  busy: v.optional(Seconds, 6 * 3600),
  /** Until a connection to a server stands, and until its whole answer is here. */
  connect: v.optional(Seconds, 10),
  exchange: v.optional(Seconds, 30),
  /** How long one try of a download may stand still, and take; how many tries, and the pause before the second; KB a second for all. */
  download: v.optional(
    v.strictObject({
      idle: v.optional(Seconds, 60),
      total: v.optional(Seconds, 3600),
      tries: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100)), 5),
      pause: v.optional(Seconds, 5),
      rate: v.optional(Rate),
    }),
    {},
  ),
  /** By whom downloads go, in place of what the environment says. */
  proxy: v.optional(v.strictObject({ http: v.optional(ProxyUrl), https: v.optional(ProxyUrl), none: v.optional(v.string()) })),
  /** A PEM file with the authorities https servers are to be vouched for by. */
  ca: v.optional(v.string()),
  /** PEM files of who this host is, shown to package servers that ask. */
  clientCert: v.optional(v.string()),
  clientKey: v.optional(v.string()),
  /** Bytes a package may have at most. */
  maxPackage: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 2 * 1024 ** 3),
  /** What is kept of verified packages that nobody needs now: bytes, and how many. */
  cache: v.optional(
    v.strictObject({
      bytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 2 * 1024 ** 3),
      count: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0)), 50),
    }),
    {},
  ),
  /** The restart policy of agents that say nothing themselves. */
  restart: v.optional(RestartSettings, {}),
  /** Where metrics are offered to everybody on the host; nowhere when absent. */
  metrics: v.optional(
    v.strictObject({
      port: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)),
      address: v.optional(Loopback, '127.0.0.1'),
    }),
  ),
  /** What is kept of an agent's output: bytes, over so many files. */
  logs: v.optional(
    v.strictObject({
      total: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1024 ** 2)), 50 * 1024 ** 2),
      files: v.optional(v.pipe(v.number(), v.integer(), v.minValue(2), v.maxValue(50)), 5),
    }),
    {},
  ),
  /** What agents are held to their limits with: chosen by probing when nobody says; and how often is looked at what only we watch. */
  limits: v.optional(
    v.strictObject({
      driver: v.optional(v.picklist(DRIVER_KINDS)),
      watch: v.optional(v.pipe(Seconds, v.minValue(0.1)), 10),
    }),
    {},
  ),
  level: v.optional(v.picklist(LOG_LEVELS), 'info'),
})
const Config = v.pipe(
  Fields,
  v.check(({ stepMin, stepMax }) => stepMin <= stepMax, 'stepMin is larger than stepMax'),
  v.check(
    ({ clientCert, clientKey }) => (clientCert === undefined) === (clientKey === undefined),
    'clientCert and clientKey belong together',
  ),
)
export type Config = v.InferOutput<typeof Config>

/** Where it is looked for when nobody says otherwise; there it may be missing. */
export const DEFAULT_CONFIG = '/etc/bootagent/bootagent.json'

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
