import { type CreateJob, readJob } from '@bootagent/protocol'
import { ServerError } from '../errors.ts'
import { type Host, platformOf } from '../hosts/host.ts'
import type { HostStore } from '../hosts/host-store.ts'
import { choosePackage, newestVersion } from '../packages/choose-package.ts'
import type { Package } from '../packages/package.ts'
import type { PackageStore } from '../packages/package-store.ts'
import { chooseHosts } from './choose-hosts.ts'
import type { FleetJob, JobSettings } from './job.ts'
import type { JobStore } from './job-store.ts'
import { SETTINGS_OF, wireJob } from './wire-job.ts'

/** What creating a job reads and writes. */
export interface JobDesk {
  readonly hosts: HostStore
  readonly packages: PackageStore
  readonly jobs: JobStore
}

/** What the server adds to an operator's request. */
export interface JobOrder {
  readonly request: CreateJob
  /** A fresh id. */
  readonly id: string
  /** Unix seconds. */
  readonly now: number
}

/**
 * Makes a job for every host the target means now, all or none. Throws ServerError `bad-request` for a job that every host
 * would refuse, and `nothing-matches` when there is no host, or no package for a host's platform.
 */
export async function createJob(desk: JobDesk, { request, id, now }: JobOrder): Promise<FleetJob> {
  refuseNameless(request)
  refuseHalfAnAddress(request)
  const hosts = await chooseHosts(desk.hosts, request.target)
  const cargo = await loadCargo(desk.packages, request)
  const assignments = hosts.map((host) => ({ agentsn: host.agentsn, package: packageFor(host, cargo)?.position }))
  const { action, name } = request
  const version = cargo?.version ?? (request.url === undefined ? undefined : request.version)
  const position = (await desk.jobs.lastPosition()) + 1
  const job: FleetJob = { id, position, action, name, version, created: now, settings: settingsOf(request) }
  refuseWhatHostsRefuse(job, cargo)
  await desk.jobs.add(job, assignments)
  return job
}

function refuseNameless({ action, name, svrlist, step }: CreateJob): void {
  if (action !== 'config' && name === undefined) throw new ServerError('bad-request', `${action} needs the name of an agent`)
  if (action === 'config' && name !== undefined) {
    throw new ServerError('bad-request', 'config is about BootAgent itself and takes no name')
  }
  if (action === 'config' && svrlist === undefined && step === undefined) {
    throw new ServerError('bad-request', 'config needs a svrlist or a step')
  }
}

/** Of a published package the server itself says what it hashes to. */
function refuseHalfAnAddress({ url, checksum, size }: CreateJob): void {
  if (url === undefined && (checksum !== undefined || size !== undefined)) {
    throw new ServerError('bad-request', 'a checksum and a size are those of a url: give the url too')
  }
}

/** The packages a job can deliver: those of one name, and the one version that is meant. */
interface Cargo {
  readonly name: string
  readonly packages: readonly Package[]
  readonly version: string
}

async function loadCargo(store: PackageStore, { action, name, version, url }: CreateJob): Promise<Cargo | undefined> {
  if ((action !== 'install' && action !== 'upgrade') || name === undefined || url !== undefined) return undefined
  const packages = await store.named(name)
  const newest = newestVersion(packages)
  if (newest === undefined) throw new ServerError('nothing-matches', `no package ${name} has been published`)
  return { name, packages, version: version ?? newest }
}

function packageFor(host: Host, cargo: Cargo | undefined): Package | undefined {
  if (cargo === undefined) return undefined
  const platform = platformOf(host)
  const chosen = choosePackage(cargo.packages, cargo.version, platform)
  if (chosen !== undefined) return chosen
  const what = `${cargo.name} ${cargo.version} is not published for ${platform.os}/${platform.arch}`
  throw new ServerError('nothing-matches', `${what}, which host ${host.hostname} (${host.agentsn}) needs`)
}

function settingsOf(request: CreateJob): JobSettings {
  const given: JobSettings = request
  const taken = SETTINGS_OF[request.action].filter((field) => given[field] !== undefined)
  return Object.fromEntries(taken.map((field) => [field, given[field]]))
}

/**
 * Reads the job as a host would, so that a mistake is told to the operator at once and not by a thousand hosts. Any of the
 * packages will do: publishing has judged them, and what is judged here is the request.
 */
function refuseWhatHostsRefuse(job: FleetJob, cargo: Cargo | undefined): void {
  const reading = readJob(wireJob(job, cargo?.packages[0], 'http://server'))
  if (reading.kind !== 'job') throw new ServerError('bad-request', reading.message)
}
