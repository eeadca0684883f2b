import { AgentManifest, ERRORS, FORMATS, type Format, type Reason } from '@bootagent/protocol'
import * as v from 'valibot'
import { UnpackLimits } from './unpack-limits.ts'

const Bytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const Milliseconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7 * 86_400_000))
const Sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'))

/** Fetch a package into a new file named `package` in the working directory, and put it on the disk. */
const DownloadRequest = v.object({
  kind: v.literal('download'),
  /** http, https or file. */
  url: v.string(),
  digest: Sha256,
  /** Exact length of the package, when it is known. */
  size: v.optional(Bytes),
  maxBytes: Bytes,
  /** PEM certificates to trust instead of the built-in ones; the worker's own user must be able to read them. */
  caFile: v.optional(v.string()),
  /** For one connection to be made. */
  connectTimeout: Milliseconds,
  /** Between two pieces of the answer. */
  idleTimeout: Milliseconds,
  /** For everything. */
  totalTimeout: Milliseconds,
})

const archive = {
  format: v.picklist(Object.keys(FORMATS) as Format[]),
  digest: Sha256,
  limits: UnpackLimits,
}

/** Hash the package on descriptor 3, then read all of it and judge every entry; nothing is written. */
const InspectRequest = v.object({ kind: v.literal('inspect'), ...archive })

/** Unpack the package on descriptor 3 into the working directory, which is empty, hashing and judging it once more. */
const UnpackRequest = v.object({ kind: v.literal('unpack'), ...archive })

/** What the daemon asks of one worker, as the one line it writes to it. */
export const WorkerRequest = v.variant('kind', [DownloadRequest, InspectRequest, UnpackRequest])
export type WorkerRequest = v.InferOutput<typeof WorkerRequest>
export type RequestKind = WorkerRequest['kind']
export type RequestOf<K extends RequestKind> = Extract<WorkerRequest, { kind: K }>

/** The scripts of a deb that dpkg would have run and we do not. */
export const DEB_SCRIPTS = ['preinst', 'postinst', 'prerm', 'postrm', 'config'] as const
/** The same of an rpm, as its spec file calls them. */
const RPM_SCRIPTS = ['%pre', '%post', '%preun', '%postun', '%pretrans', '%posttrans', '%triggers'] as const
const SCRIPTS = [...DEB_SCRIPTS, ...RPM_SCRIPTS]
export type RpmScript = (typeof RPM_SCRIPTS)[number]
export type Script = (typeof SCRIPTS)[number]

export const MOST_PROGRAMS = 200
const InnerPath = v.pipe(v.string(), v.maxLength(4095), v.regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\p{Cc}\\]+$/u))

const Claim = v.pipe(v.string(), v.maxLength(64))

/** What each kind of request comes to when it succeeds. */
export const RESULTS = {
  download: v.object({ bytes: Bytes }),
  inspect: v.object({
    entries: Bytes,
    bytes: Bytes,
    /** `agent.json` at the package's root. */
    manifest: v.optional(AgentManifest),
    /** Paths of the executable files, in the archive's order; no more than a message holds. */
    programs: v.pipe(v.array(InnerPath), v.maxLength(MOST_PROGRAMS)),
    /** The deb's or rpm's own scripts, none of which is run. */
    scripts: v.pipe(v.array(v.picklist(SCRIPTS)), v.maxLength(SCRIPTS.length)),
    /** The processor and the system it says it is for, in its packager's words. */
    arch: v.optional(Claim),
    os: v.optional(Claim),
  }),
  unpack: v.object({ entries: Bytes, bytes: Bytes }),
} as const
export type WorkerResult<K extends RequestKind = RequestKind> = v.InferOutput<(typeof RESULTS)[K]>

/** A sentence from a process that has met hostile bytes: shortened, and free of what a terminal would act on. */
const Sentence = v.pipe(
  v.string(),
  v.transform((text) => text.slice(0, 1000).replace(/\p{Cc}/gu, ' ')),
)

/** One line of the worker's output. Exactly one `done` or `failed` comes, and comes last. */
export const WorkerMessage = v.variant('kind', [
  v.object({ kind: v.literal('progress'), done: Bytes, total: v.optional(Bytes) }),
  v.object({ kind: v.literal('done'), result: v.unknown() }),
  v.object({ kind: v.literal('failed'), reason: v.picklist(Object.keys(ERRORS) as Reason[]), message: Sentence }),
])
export type WorkerMessage = v.InferOutput<typeof WorkerMessage>
