import type { Action, CreateJob, HostJobState, JobProgress } from '@bootagent/protocol'

/** What a job may say besides whom and what it is for. */
export type JobSettings = Pick<
  CreateJob,
  | 'envs'
  | 'limits'
  | 'run'
  | 'restart'
  | 'health'
  | 'files'
  | 'force'
  | 'to'
  | 'expect'
  | 'url'
  | 'checksum'
  | 'size'
  | 'rate'
  | 'deadline'
  | 'must'
  | 'purge'
  | 'svrlist'
  | 'step'
> & {
  /** Of a cancel: the id of the job it calls off. */
  readonly job?: string
}

/** One request by an operator, for one host or many. */
export interface FleetJob {
  readonly id: string
  /** 1 for the first ever asked for, and so on. */
  readonly position: number
  readonly action: Action
  /** The agent; absent for config, and for what calls off a config. */
  readonly name?: string | undefined
  /** What install and upgrade bring. */
  readonly version?: string | undefined
  /** Unix seconds. */
  readonly created: number
  readonly settings: JobSettings
}

/** Where one host is with one job. */
export interface Assignment {
  readonly job: FleetJob
  readonly agentsn: string
  /** The position of the package chosen for this host, for install and upgrade. */
  readonly package?: number | undefined
  readonly state: HostJobState
  readonly progress?: JobProgress | undefined
  readonly outcome?: Outcome | undefined
}

/** The one result of a job on a host. */
export interface Outcome {
  /** 0 is success; see the errcode table of the protocol. */
  readonly errcode: number
  readonly message: string
  /** When it came, in Unix seconds. */
  readonly finished: number
}

/** What moves an assignment on. */
export type JobNews = 'offer' | 'progress' | 'success' | 'failure'

/**
 *     queued ──offer──▸ offered ──progress──▸ running ──success──▸ succeeded
 *        └───────────────┴────────────────────┴───────failure──▸ failed
 *
 * News may be lost, doubled or late, so every state takes all of it: a result counts whenever it comes and only once, and
 * an offer, which is repeated until the result is there, never takes a host back.
 */
export const NEXT_STATE: Readonly<Record<HostJobState, Readonly<Record<JobNews, HostJobState>>>> = {
  queued: { offer: 'offered', progress: 'running', success: 'succeeded', failure: 'failed' },
  offered: { offer: 'offered', progress: 'running', success: 'succeeded', failure: 'failed' },
  running: { offer: 'running', progress: 'running', success: 'succeeded', failure: 'failed' },
  succeeded: { offer: 'succeeded', progress: 'succeeded', success: 'succeeded', failure: 'succeeded' },
  failed: { offer: 'failed', progress: 'failed', success: 'failed', failure: 'failed' },
}

/** The states from which news still leads elsewhere: the host has not answered yet. */
export const OPEN_STATES = ['queued', 'offered', 'running'] as const satisfies readonly HostJobState[]

/** True until the result has come. */
export function isOpen({ state }: Pick<Assignment, 'state'>): boolean {
  return OPEN_STATES.some((open) => open === state)
}

/** What a host says a job by; one that knows only the seed gives the id alone. */
export interface JobName {
  readonly id: string
  readonly action?: string | undefined
  readonly name?: string | undefined
}

/** Whether a host means this job: what it does not say cannot differ. */
export function isAbout(said: JobName, job: FleetJob): boolean {
  if (said.id !== job.id) return false
  return (said.action ?? job.action) === job.action && (said.name ?? job.name) === job.name
}
