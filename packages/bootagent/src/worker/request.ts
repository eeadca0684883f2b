import { AgentManifest, DIGEST_LENGTHS, ERRORS, FORMATS, type Format, type Reason } from '@bootagent/protocol'
import * as v from 'valibot'
import { UnpackLimits } from './unpack-limits.ts'

const Bytes = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const Milliseconds = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(7 * 86_400_000))
const Digest = v.pipe(
  v.string(),
  v.regex(/^[0-9a-f]*$/, 'lower-case hexadecimal digits'),
  v.check((digest) => (Object.values(DIGEST_LENGTHS) as number[]).includes(digest.length), 'as many digits as a known hash has'),
)

/** What a source said of its package; it goes into a header, so it is one line of text. */
const Validator = v.pipe(v.string(), v.regex(/^[\x20-\x7e]{1,250}$/, 'one line'))

/** Whom to trust, and who we are, as PEM. The daemon reads it, since the worker may not. */
const Tls = v.object({
  /** Trusted in place of what the program was built with. */
  ca: v.optional(v.string()),
  cert: v.optional(v.string()),
  key: v.optional(v.string()),
})
export type Tls = v.InferOutput<typeof Tls>

/** The proxies that http and https urls go by, and whom those are not for, as `no_proxy` says it. */
const Proxies = v.object({ http: v.optional(v.string()), https: v.optional(v.string()), none: v.optional(v.string()) })
export type Proxies = v.InferOutput<typeof Proxies>

/** Fetch a package, or the rest of one, into the file on descriptor 3, and put it on the disk. */
const DownloadRequest = v.object({
  kind: v.literal('download'),
  /** http, https, ftp or file. */
  url: v.string(),
  digest: Digest,
  /** What the source said when the bytes that are in the file came. */
  validator: v.optional(Validator),
  /** Exact length of the package, when it is known. */
  size: v.optional(Bytes),
  maxBytes: Bytes,
  /** Bytes that must stay free on the disk of the working directory. */
  reserve: Bytes,
  tls: Tls,
  proxies: Proxies,
  /** For one connection to be made. */
  connectTimeout: Milliseconds,
  /** Between two pieces of the answer. */
  idleTimeout: Milliseconds,
  /** For everything. */
  totalTimeout: Milliseconds,
})

const archive = {
  format: v.picklist(Object.keys(FORMATS) as Format[]),
  digest: Digest,
  limits: UnpackLimits,
}

/** Hash the package on descriptor 3, then read all of it and judge every entry; nothing is written. */
const InspectRequest = v.object({ kind: v.literal('inspect'), ...archive })

/** The same, and unpack it into the working directory, which is empty, hashing it once more. */
const UnpackRequest = v.object({ kind: v.literal('unpack'), ...archive })

/** What the daemon asks of one worker, as the one line it writes to it. */
export const WorkerRequest = v.variant('kind', [DownloadRequest, InspectRequest, UnpackRequest])
export type WorkerRequest = v.InferOutput<typeof WorkerRequest>

/** What the daemon may say besides, before the request and at any time after it: how fast to fetch, in bytes a second; null for no limit. */
export const RateOrder = v.object({ kind: v.literal('rate'), rate: v.nullable(v.pipe(v.number(), v.minValue(1))) })
export type RateOrder = v.InferOutput<typeof RateOrder>

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

/** What a package was found to be, whether or not it was unpacked as well. */
const Reading = v.object({
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
})

/** What each kind of request comes to when it succeeds. */
export const RESULTS = {
  download: v.object({ bytes: Bytes }),
  inspect: Reading,
  unpack: Reading,
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
  /** What the source says of its package; the bytes from now on are of that. Without one it says nothing. */
  v.object({ kind: v.literal('source'), validator: v.optional(Validator) }),
  v.object({ kind: v.literal('done'), result: v.unknown() }),
  v.object({
    kind: v.literal('failed'),
    reason: v.picklist(Object.keys(ERRORS) as Reason[]),
    message: Sentence,
    /** Seconds after which the source wants to be asked again. */
    retryAfter: v.optional(Bytes),
  }),
])
export type WorkerMessage = v.InferOutput<typeof WorkerMessage>
