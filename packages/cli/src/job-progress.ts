import { reasonOf, type HostJob, type HostJobState, type JobDetail } from '@bootagent/protocol'

/** One host that is further with a job than when it was last spoken of. */
export interface Change {
  readonly host: HostJob
  readonly text: string
}

/** What has been said of each host, by agentsn. */
export type Told = ReadonlyMap<string, string>

/** What is new since `told`, one change a host at most, and what has been told then. */
export function changesSince(told: Told, job: JobDetail): { changes: readonly Change[]; told: Told } {
  const all = job.hosts.map((host) => ({ host, text: describeHostJob(host) }))
  const changes = all.filter(({ host, text }) => told.get(host.agentsn) !== text)
  return { changes, told: new Map(all.map(({ host, text }) => [host.agentsn, text])) }
}

/** A host's part of a job, without saying which host. */
type Standing = Omit<HostJob, 'agentsn' | 'hostname'>

/** Where a host is with a job, in words; while bytes are counted, in tenths, so that a line is news. */
export function describeHostJob(host: Standing): string {
  return IN_WORDS[host.state](host)
}

/** True once every host has answered. */
export function isOver(job: JobDetail): boolean {
  return job.hosts.every(({ state }) => state === 'succeeded' || state === 'failed')
}

const IN_WORDS: Readonly<Record<HostJobState, (host: Standing) => string>> = {
  queued: () => 'waits for the host to report',
  offered: () => 'sent to the host',
  running: ({ progress }) => (progress === undefined ? 'running' : `${progress.stage}${percent(progress)}`),
  succeeded: ({ message }) => said('succeeded', message),
  failed: ({ message, errcode }) => `${said('failed', message)}${reason(errcode)}`,
}

function percent({ done, total }: { done?: number | undefined; total?: number | undefined }): string {
  if (done === undefined || total === undefined || total <= 0) return ''
  return `, ${Math.min(100, Math.floor((done / total) * 10) * 10)} %`
}

function said(what: string, message: string | undefined): string {
  return message === undefined || message === '' ? what : `${what}: ${message}`
}

/** The errcode by its name in protocol's table, for looking it up. */
function reason(errcode: number | undefined): string {
  if (errcode === undefined) return ''
  return ` [${reasonOf(errcode) ?? `errcode ${errcode}`}]`
}
