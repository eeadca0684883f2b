import type {
  CancelOrder,
  CreateJob,
  EventDetail,
  EventList,
  HostDetail,
  HostSummary,
  JobDetail,
  JobSummary,
  PackageRecord,
  Run,
} from '@bootagent/protocol'
import { callRoute } from './call-route.ts'
import type { Server, Upload } from './exchange.ts'

/** What an operator can ask the server. Every method throws CliError. */
export interface Api {
  /** All hosts, or those whose tags match the selector. */
  hosts(tags?: string): Promise<readonly HostSummary[]>
  host(agentsn: string): Promise<HostDetail>
  /** Replaces all tags of the host. */
  setTags(agentsn: string, tags: string): Promise<HostDetail>
  /** Newest first, without details. */
  events(ask: EventsAsk): Promise<EventList>
  event(agentsn: string, id: string): Promise<EventDetail>
  /** Newest first. */
  jobs(): Promise<readonly JobSummary[]>
  job(id: string): Promise<JobDetail>
  createJob(request: CreateJob): Promise<JobDetail>
  /** Answers with the job that calls the other off. */
  cancelJob(id: string, order: CancelOrder): Promise<JobDetail>
  packages(): Promise<readonly PackageRecord[]>
  publish(publication: Publication): Promise<PackageRecord>
}

/** Which events; what is left out is not asked for. */
export interface EventsAsk {
  /** An agentsn. */
  readonly host?: string | undefined
  readonly agent?: string | undefined
  readonly category?: string | undefined
  /** 1 to 200. */
  readonly limit: number
  /** `next` of the list before. */
  readonly cursor?: string | undefined
}

/** A package on its way to the server. */
interface Publication extends Upload {
  readonly name: string
  readonly version: string
  readonly os: string
  readonly arch: string
  /** Its end tells the server the kind of archive. */
  readonly file: string
  readonly sha256: string
  readonly run: Run | undefined
  readonly bootagent: string | undefined
}

/** The server's operator API as functions. */
export function createApi(server: Server): Api {
  return {
    hosts: async (tags) => (await callRoute(server, { route: 'hosts', params: {}, query: { tags }, body: null })).hosts,
    host: (agentsn) => callRoute(server, { route: 'host', params: { agentsn }, body: null }),
    setTags: (agentsn, tags) => callRoute(server, { route: 'setTags', params: { agentsn }, body: { tags } }),
    events: ({ limit, ...ask }) =>
      callRoute(server, { route: 'events', params: {}, query: { ...ask, limit: String(limit) }, body: null }),
    event: (agentsn, id) => callRoute(server, { route: 'event', params: { agentsn, id }, body: null }),
    jobs: async () => (await callRoute(server, { route: 'jobs', params: {}, body: null })).jobs,
    job: (id) => callRoute(server, { route: 'job', params: { id }, body: null }),
    createJob: (request) => callRoute(server, { route: 'createJob', params: {}, body: request }),
    cancelJob: (id, order) => callRoute(server, { route: 'cancelJob', params: { id }, body: order }),
    packages: async () => (await callRoute(server, { route: 'packages', params: {}, body: null })).packages,
    publish: (publication) => publish(server, publication),
  }
}

function publish(server: Server, publication: Publication): Promise<PackageRecord> {
  const { name, version, os, arch, file, sha256, bootagent, bytes, size } = publication
  const run = publication.run === undefined ? undefined : JSON.stringify(publication.run)
  const query = { os, arch, file, sha256, run, bootagent }
  return callRoute(server, { route: 'publish', params: { name, version }, query, body: { bytes, size } })
}
