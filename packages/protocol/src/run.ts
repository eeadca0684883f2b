import * as v from 'valibot'
import { BootagentNeeded } from './bootagent-needed.ts'
import { AgentName, Version } from './ids.ts'

const Seconds = (max: number) => v.pipe(v.number(), v.minValue(0), v.maxValue(max))

/** A path inside the release: relative, without `..`, at most 255 characters. */
const InnerPath = v.pipe(
  v.string(),
  v.regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[^\0\n]{1,255}$/, 'a relative path inside the package, without ..'),
)

/** A name as useradd takes it, or a number; 4294967295 stands for "unchanged" in the kernel and is nobody. */
const Account = v.pipe(v.string(), v.regex(/^(?:[a-z_][a-z0-9_-]{0,30}\$?|[0-9]{1,9})$/, 'the name or number of a user or group'))

/** How a release is run. */
export const Run = v.object({
  /** The program, relative to the package's root. */
  exec: InnerPath,
  args: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4096))), v.maxLength(256))),
  /** Whose rights it has: a user of the host by name or number; root when absent. */
  user: v.optional(Account),
  /** Its group, by name or number; the user's own when absent. */
  group: v.optional(Account),
  /** Its file mode creation mask, three or four octal digits; 022 when absent. */
  umask: v.optional(v.pipe(v.string(), v.regex(/^0?[0-7]{3}$/, 'three octal digits, such as 027'))),
  /** It and what it starts can gain no rights by set-user-id programs. */
  noNewPrivileges: v.optional(v.boolean()),
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

/** Bytes of all configuration files of a release together; they pass through one reply with other jobs. */
const MOST_FILE_BYTES = 65_536

/** Configuration files of an agent, by a path relative to where BOOTAGENT_CONFIG says: text, 64 KB in all. */
export const ConfigFiles = v.pipe(
  v.record(
    v.pipe(
      v.string(),
      v.regex(
        /^(?!\/)(?!.*(?:^|\/)\.{0,2}(?:\/|$))[\w.@+ -]+(?:\/[\w.@+ -]+){0,7}$/,
        'a relative path of letters, digits and _ . @ + -',
      ),
      v.maxLength(200),
    ),
    v.pipe(v.string('the content must be a text'), v.regex(/^[^\0]*$/, 'text has no NUL')),
  ),
  v.check((files) => Object.keys(files).length <= 32, 'at most 32 files'),
  v.check((files) => bytesIn(files) <= MOST_FILE_BYTES, `at most ${MOST_FILE_BYTES} bytes in all`),
  v.check((files) => !Object.keys(files).some((path) => isParent(path, files)), 'a file cannot be a directory of another'),
)
export type ConfigFiles = v.InferOutput<typeof ConfigFiles>

function bytesIn(files: Readonly<Record<string, string>>): number {
  return Object.values(files).reduce((sum, content) => sum + new TextEncoder().encode(content).length, 0)
}

function isParent(path: string, files: Readonly<Record<string, string>>): boolean {
  return Object.keys(files).some((other) => other.startsWith(`${path}/`))
}

const Times = {
  /** From its start until it must be ready; 60. */
  startup: v.optional(Seconds(3600)),
  /** From check to check; 30. */
  period: v.optional(v.pipe(Seconds(3600), v.minValue(0.1))),
  /** What one check may take; 5. */
  timeout: v.optional(v.pipe(Seconds(60), v.minValue(0.1))),
  /** So many failures in a row, once it was ready, and it is killed and started again; 3. */
  failures: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(100))),
}

const Port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535))

/** A url of this very host: what a server writes must not make a root process ask around in the host's network. */
const OwnUrl = v.pipe(
  v.string(),
  v.maxLength(1024),
  v.regex(
    /^http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]):\d{1,5}(?:\/[\x21-\x7e]*)?$/,
    'http://127.0.0.1:PORT/PATH: only this host is asked',
  ),
)

/** How a running agent is asked whether it is well. Ready at the first success; from then on it must stay so. */
export const Health = v.variant('kind', [
  /** The file named by its BOOTAGENT_READY_FILE is there: it makes it when it serves, and may take it away. */
  v.object({ kind: v.literal('file'), ...Times }),
  /** It takes connections on 127.0.0.1. */
  v.object({ kind: v.literal('tcp'), port: Port, ...Times }),
  /** It answers GET with a status from 200 to 399. */
  v.object({ kind: v.literal('http'), url: OwnUrl, ...Times }),
  /** This program of the package ends with 0; run with the agent's rights, environment and directory. */
  v.object({
    kind: v.literal('exec'),
    exec: InnerPath,
    args: v.optional(v.pipe(v.array(v.pipe(v.string(), v.maxLength(4096))), v.maxLength(64))),
    ...Times,
  }),
])
export type Health = v.InferOutput<typeof Health>

const Platform = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_]{1,32}$/, 'at most 32 letters, digits and _'))

/** `agent.json` at a package's root: what its author knows about running it. */
export const AgentManifest = v.object({
  name: v.optional(AgentName),
  version: v.optional(Version),
  run: v.optional(Run),
  restart: v.optional(RestartSettings),
  health: v.optional(Health),
  /** The system and the processor it is for, in Node's words or a packager's; `any` for all. */
  os: v.optional(Platform),
  arch: v.optional(Platform),
  /** Which BootAgent it needs. */
  bootagent: v.optional(BootagentNeeded),
})
export type AgentManifest = v.InferOutput<typeof AgentManifest>
