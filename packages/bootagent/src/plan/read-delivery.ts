import { type DeliveryJob, type Digest, FORMATS, type Format, formatOf, parseChecksum, Version } from '@bootagent/protocol'
import * as v from 'valibot'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { releaseId } from '../state/paths.ts'
import type { WantedSettings } from './step.ts'

/** What an install or upgrade asks for, read out of its fields. */
export interface Delivery {
  readonly digest: Digest
  /** Undefined for a kind of archive that is not unpacked here. */
  readonly format: Format | undefined
  /** The file's name, for people. */
  readonly file: string
  readonly release: string
  readonly settings: WantedSettings
}

/** Reads a delivery. What the job leaves out of `envs` and `limits` is what the agent has now, also when it changes its release. */
export function readDelivery(job: DeliveryJob, record: AgentRecord | undefined): Delivery {
  const digest = digestOf(job)
  const file = fileOf(job.url)
  const version = job.version ?? versionIn(file, job.name) ?? digest.slice(0, 12)
  const release = releaseId(version, digest)
  const current = record?.release === null || record?.release === release ? undefined : record?.releases[record.release]
  const stored = current === undefined ? {} : { envs: current.envs, limits: current.limits }
  return { digest, format: formatOf(pathOf(job.url)), file, release, settings: { ...stored, ...settingsOf(job, version) } }
}

function settingsOf(job: DeliveryJob, version: string): WantedSettings {
  return {
    version,
    ...(job.run === undefined ? {} : { run: job.run }),
    ...(job.envs === undefined ? {} : { envs: job.envs }),
    ...(job.limits === undefined ? {} : { limits: job.limits }),
    ...(job.restart === undefined ? {} : { restart: job.restart }),
    ...(job.health === undefined ? {} : { health: job.health }),
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
