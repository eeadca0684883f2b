import { type DeliveryJob, type Digest, FORMATS, type Format, formatOf, parseChecksum, Version } from '@bootagent/protocol'
import * as v from 'valibot'
import type { AgentRecord, ReleaseRecord } from '../state/metafile-schema.ts'
import { releaseId } from '../state/paths.ts'
import { findRelease, freeId, type Settings, treeOf } from '../state/releases.ts'
import { hashFiles } from '../state/file-sets.ts'

/** What an install or upgrade asks for, read out of its fields. */
export interface Delivery {
  readonly digest: Digest
  /** Undefined for a kind of archive that is not unpacked here. */
  readonly format: Format | undefined
  /** The file's name, for people. */
  readonly file: string
  readonly version: string
  /** Where the package lies, or will lie, unpacked. */
  readonly tree: string
  /** The release that is to run; it may be there already. */
  readonly release: string
  /** What the job says of running it, and what goes along from the release that is current. */
  readonly settings: Partial<Settings>
  /** A release of the same tree that is on record, and all the settings that the one to run has; undefined where there is none. */
  readonly known: { readonly like: string; readonly settings: Settings } | undefined
}

/** Reads a delivery. What the job leaves out of `envs`, `limits` and `files` is what the agent has now, also when it changes its release. */
export function readDelivery(job: DeliveryJob, record: AgentRecord | undefined): Delivery {
  const digest = digestOf(job)
  const file = fileOf(job.url)
  const version = job.version ?? versionIn(file, job.name) ?? digest.slice(0, 12)
  const tree = releaseId(version, digest)
  const releases = record?.releases ?? {}
  const settings = { ...storedSettings(record, tree), ...settingsOf(job) }
  const known = knownSettings(record, tree, settings)
  const release = (known && findRelease(releases, tree, known.settings)) ?? freeId(releases, tree)
  return { digest, format: formatOf(pathOf(job.url)), file, version, tree, release, settings, known }
}

/** All settings, where the package is unpacked already: of the current release what the job leaves out, else what the package says. */
function knownSettings(record: AgentRecord | undefined, tree: string, settings: Partial<Settings>): Delivery['known'] {
  const like = likeliest(record, tree)
  const base = record?.releases[like ?? '']
  if (record === undefined || like === undefined || base === undefined) return undefined
  const current = record.releases[record.release ?? '']
  const own = like === record.release || base.own === undefined ? base : ownSettings(base, current)
  const { run, envs, limits, restart, health, files } = { ...own, ...settings }
  const complete = { run, envs, limits, restart, ...(health && { health }), ...(files && { files }) }
  return { like, settings: complete }
}

/** Of several releases of one tree the one whose settings count: the current one, else the one before, else the latest. */
function likeliest(record: AgentRecord | undefined, tree: string): string | undefined {
  if (record === undefined) return undefined
  const candidates = [record.release, record.previous, ...Object.keys(record.releases).toReversed()]
  return candidates.find((id) => id !== null && treeOf(record.releases, id) === tree) ?? undefined
}

/** As if the package had come just now: what an earlier job said of running it is not held against it. */
function ownSettings({ own, envs, limits, ...rest }: ReleaseRecord, current: ReleaseRecord | undefined): Settings {
  const { health } = own ?? {}
  const restart = own?.restart ?? current?.restart ?? {}
  return { run: own?.run ?? rest.run, envs, limits, restart, ...(health === undefined ? {} : { health }) }
}

/** What belongs to the agent rather than to the package, and so goes along to another one. */
function storedSettings(record: AgentRecord | undefined, tree: string): Partial<Settings> {
  const current: ReleaseRecord | undefined = record?.releases[record.release ?? '']
  if (record === undefined || current === undefined || treeOf(record.releases, record.release ?? '') === tree) return {}
  const { envs, limits, files } = current
  return { envs, limits, ...(files === undefined ? {} : { files }) }
}

/** The settings that a job gives, and nothing of what it leaves out. */
export function settingsOf(job: DeliveryJob): Partial<Settings> {
  return {
    ...(job.run === undefined ? {} : { run: job.run }),
    ...(job.envs === undefined ? {} : { envs: job.envs }),
    ...(job.limits === undefined ? {} : { limits: job.limits }),
    ...(job.restart === undefined ? {} : { restart: job.restart }),
    ...(job.health === undefined ? {} : { health: job.health }),
    ...(job.files === undefined ? {} : { files: hashFiles(job.files) }),
  }
}

/**
 * `BasicAgent-0.1.0-0.x86_64.tar.gz` says 0.1.0, `basic-agent_0.1.0-1_amd64.deb` and `BasicAgent-0.1.0-1.x86_64.rpm` say 0.1.0-1; undefined
 * when the name says nothing.
 */
function versionIn(file: string, name: string): string | undefined {
  if (!file.toLowerCase().startsWith(name.toLowerCase())) return undefined
  const rest = file.slice(name.length)
  const found = DEB_VERSION.exec(rest)?.[1] ?? RPM_VERSION.exec(rest)?.[1] ?? VERSION.exec(stemOf(rest))?.[1]
  // It becomes part of the metafile and of a directory's name, where nothing longer may stand.
  return v.is(Version, found) ? found : undefined
}

function stemOf(file: string): string {
  const lower = file.toLowerCase()
  const end = Object.values(FORMATS)
    .flat()
    .find((each) => lower.endsWith(each))
  return file.slice(0, file.length - (end ?? '').length)
}

/** `_VERSION-REVISION_ARCH.deb`, an epoch left out: it orders versions, and names none. */
const DEB_VERSION = /^_(?:\d+:)?(\d[A-Za-z0-9.+~-]*)_[^_]*\.deb$/i
/** `-VERSION-RELEASE.ARCH.rpm`: two packages that differ in their release are two. */
const RPM_VERSION = /^-(\d[A-Za-z0-9.+~_]*-[A-Za-z0-9.+~_]+)\.[A-Za-z0-9_]+\.rpm$/i
const VERSION = /^[-_]v?(\d+(?:\.\d+)*[A-Za-z0-9]*(?:[+~][A-Za-z0-9.]+)?)(?=[-_.]|$)/

function digestOf(job: DeliveryJob): string {
  const checksum = parseChecksum(job.checksum)
  return 'digest' in checksum ? checksum.digest : ''
}

function fileOf(url: string): string {
  return decodeURIComponentSafe(pathOf(url).split('/').at(-1) ?? '')
}

function pathOf(url: string): string {
  return URL.parse(url)?.pathname ?? ''
}

/** A file name that cannot be decoded is no reason to fail: it is then taken as it stands. */
function decodeURIComponentSafe(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
