import type * as v from 'valibot'
import {
  CancelOrder,
  CreateJob,
  EventDetail,
  EventList,
  HostDetail,
  HostList,
  JobDetail,
  JobList,
  PackageList,
  SetTags,
} from './operator-api.ts'
import { PackageRecord } from './package.ts'
import { RegisterReply, RegisterRequest } from './register.ts'
import { StatusReply, StatusReport } from './status.ts'

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` for a part that is given. */
  readonly path: string
  readonly who: 'host' | 'operator' | 'anyone'
  /** `bytes` for a package's own bytes, null for none. */
  readonly request: v.GenericSchema | 'bytes' | null
  readonly reply: v.GenericSchema | 'bytes' | null
}

/** Every door of the server. */
export const ROUTES = {
  register: { method: 'POST', path: '/agent/register', who: 'host', request: RegisterRequest, reply: RegisterReply },
  status: { method: 'POST', path: '/agent/status', who: 'host', request: StatusReport, reply: StatusReply },
  download: { method: 'GET', path: '/packages/:sha256/:file', who: 'host', request: null, reply: 'bytes' },
  health: { method: 'GET', path: '/health', who: 'anyone', request: null, reply: null },
  hosts: { method: 'GET', path: '/api/v1/hosts', who: 'operator', request: null, reply: HostList },
  host: { method: 'GET', path: '/api/v1/hosts/:agentsn', who: 'operator', request: null, reply: HostDetail },
  setTags: { method: 'PATCH', path: '/api/v1/hosts/:agentsn', who: 'operator', request: SetTags, reply: HostDetail },
  /** Query, all optional: host, agent, category, since (it came then or later), limit (1 to 200; 50), cursor (`next` of another list). */
  events: { method: 'GET', path: '/api/v1/events', who: 'operator', request: null, reply: EventList },
  event: { method: 'GET', path: '/api/v1/hosts/:agentsn/events/:id', who: 'operator', request: null, reply: EventDetail },
  jobs: { method: 'GET', path: '/api/v1/jobs', who: 'operator', request: null, reply: JobList },
  job: { method: 'GET', path: '/api/v1/jobs/:id', who: 'operator', request: null, reply: JobDetail },
  createJob: { method: 'POST', path: '/api/v1/jobs', who: 'operator', request: CreateJob, reply: JobDetail },
  /** Answered by the job that does it. */
  cancelJob: { method: 'POST', path: '/api/v1/jobs/:id/cancel', who: 'operator', request: CancelOrder, reply: JobDetail },
  packages: { method: 'GET', path: '/api/v1/packages', who: 'operator', request: null, reply: PackageList },
  /** Query: os, arch, file, and optionally run (JSON of Run) and sha256 (refused when the bytes differ). */
  publish: { method: 'PUT', path: '/api/v1/packages/:name/:version', who: 'operator', request: 'bytes', reply: PackageRecord },
} as const satisfies Record<string, Route>
export type RouteName = keyof typeof ROUTES
