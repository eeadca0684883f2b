import type { HostJobState } from '@bootagent/protocol'

/**
 * The tables as the newest migration leaves them. Times are Unix seconds; columns marked JSON hold what a schema of the
 * protocol accepted. Whole numbers stay within 32 bits, as PostgreSQL's `integer` does, but for a package's size.
 */
export interface Tables {
  hosts: HostsTable
  renamed_hosts: RenamedHostsTable
  events: EventsTable
  packages: PackagesTable
  jobs: JobsTable
  host_jobs: HostJobsTable
}

/** One row a host; `seen` and what follows is its last report and null until the first. */
export interface HostsTable {
  agentsn: string
  hostname: string
  /** What tells its machine from a clone; null until it registers, for a host first known by a report. */
  machine: string | null
  tags: string
  version: string
  os: string | null
  arch: string | null
  registered: number
  seen: number | null
  step: number | null
  /** JSON: AgentReport[]. */
  agents: string | null
  /** JSON: string[]. */
  features: string | null
}

/** Which agentsn a machine was given when the one it asked for was another machine's. */
export interface RenamedHostsTable {
  asked: string
  machine: string
  agentsn: string
}

export interface EventsTable {
  agentsn: string
  id: string
  received: number
  /** 1 for the first ever, and so on: the order in which they came, whatever any clock said. */
  position: number
  category: string
  /** Empty when it has none. */
  subject: string
  /** JSON: HostEvent. */
  event: string
}

export interface PackagesTable {
  /** 1 for the first ever published, and so on: the order of publishing, whatever the clock did. */
  position: number
  name: string
  version: string
  os: string
  arch: string
  format: string
  file: string
  size: number
  sha256: string
  /** JSON: Run. */
  run: string | null
  bootagent: string | null
  published: number
}

export interface JobsTable {
  id: string
  /** 1 for the first ever asked for, and so on: the order in which hosts are offered jobs, whatever the clock did. */
  position: number
  action: string
  name: string | null
  version: string | null
  created: number
  /** JSON: JobSettings. */
  settings: string
}

export interface HostJobsTable {
  job_id: string
  agentsn: string
  /** The package's position, for install and upgrade. */
  package: number | null
  state: HostJobState
  /** JSON: JobProgress. */
  progress: string | null
  errcode: number | null
  message: string | null
  finished: number | null
}
