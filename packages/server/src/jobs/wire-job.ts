import { type Action, formatChecksum, type PackageRecord } from '@bootagent/protocol'
import type { FleetJob, JobSettings } from './job.ts'

/** A job as it goes over the wire (seed 001, status reply, `jobs`). */
export type WireJob = Readonly<Record<string, unknown>>

/** Where hosts find this server: `http://host:port`, with no slash at the end. */
export type BaseUrl = string

const DELIVERY_SETTINGS = [
  ...(['envs', 'limits', 'run', 'restart', 'health', 'files', 'force', 'expect', 'deadline', 'must'] as const),
  ...(['url', 'checksum', 'size', 'rate'] as const),
]

/** What each action takes of the settings; what it does not take is never sent. */
export const SETTINGS_OF: Readonly<Record<Action, readonly (keyof JobSettings)[]>> = {
  install: DELIVERY_SETTINGS,
  upgrade: DELIVERY_SETTINGS,
  uninstall: ['purge', 'deadline', 'must'],
  start: ['deadline', 'must'],
  stop: ['deadline', 'must'],
  restart: ['deadline', 'must'],
  reset: ['deadline', 'must'],
  rollback: ['to', 'deadline', 'must'],
  config: ['svrlist', 'step', 'deadline', 'must'],
  cancel: ['job'],
}

/** Writes a job for a host. It is written anew for each offer, since a host may reach this server by another address each time. */
export function wireJob(job: FleetJob, delivered: PackageRecord | undefined, base: BaseUrl): WireJob {
  const { id, action, name, version } = job
  return {
    id,
    action,
    name,
    // Without a package of this server it comes from elsewhere, and only the version is known here.
    ...(delivered === undefined ? { version } : delivery(delivered, base)),
    ...job.settings,
  }
}

function delivery({ file, sha256, size, version, run, bootagent }: PackageRecord, base: BaseUrl): WireJob {
  return { url: `${base}/packages/${sha256}/${file}`, checksum: formatChecksum(sha256), version, size, run, bootagent }
}
