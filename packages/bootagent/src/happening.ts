import type { JobResult } from '@bootagent/protocol'
import type { Log } from '@bootagent/runtime'
import type { Happening as SupervisorHappening } from './supervise/happening.ts'

/** Everything a host does that somebody may want to see as it happens: the log, the demo, the tests. */
export type Happening =
  | SupervisorHappening
  | { readonly kind: 'in-control'; readonly agentsn: string; readonly agents: number }
  | { readonly kind: 'registered'; readonly server: string; readonly agentsn: string; readonly tags: string }
  | { readonly kind: 'reported'; readonly server: string; readonly results: number }
  | { readonly kind: 'not-reported'; readonly why: readonly string[]; readonly again: number }
  /** Answered, and the disk has not taken what that means: reports go on, and tell what is on the disk. */
  | { readonly kind: 'not-kept'; readonly server: string }
  /** Every server has refused to let this host in, again and again: it asks less often from now on. */
  | { readonly kind: 'shut-out'; readonly why: readonly string[] }
  /** Results for the server that asked, which others had acknowledged in its place. */
  | { readonly kind: 'told-owed' | 'not-told-owed'; readonly server: string; readonly results: number }
  | { readonly kind: 'job-accepted'; readonly job: string; readonly action: string; readonly agent: string }
  | { readonly kind: 'job-refused'; readonly result: JobResult }
  | { readonly kind: 'job-repeated'; readonly job: string }
  | { readonly kind: 'step-begun'; readonly job: string; readonly step: string; readonly what: string }
  | { readonly kind: 'step-done'; readonly job: string; readonly step: string; readonly what: string }
  | { readonly kind: 'step-failed'; readonly job: string; readonly step: string; readonly why: string }
  | { readonly kind: 'trial-kept'; readonly job: string; readonly name: string }
  /** Not even noted down, for lack of disk: it is tried again. */
  | { readonly kind: 'job-postponed'; readonly job: string; readonly why: string }
  | { readonly kind: 'not-tidied'; readonly why: string }
  /** This BootAgent itself, new in its slot: a server has answered it, or none has and the one before is to run again. */
  | { readonly kind: 'own-kept'; readonly slot: string }
  | { readonly kind: 'own-given-up'; readonly slot: string; readonly why: string }
  | { readonly kind: 'job-done'; readonly job: string; readonly result: JobResult }

export type Announce = (happening: Happening) => void

/** Kinds that are worth a look even on a quiet day. */
const WARNINGS: readonly string[] = [
  'not-reported',
  'not-kept',
  'shut-out',
  'job-refused',
  'own-given-up',
  'step-failed',
  'job-postponed',
  'not-tidied',
  'agent-fatal',
  'agent-stuck',
]

/** Writes each happening as one line of the log and passes it on. */
export function announceTo(log: Log, listeners: readonly Announce[]): Announce {
  return (happening) => {
    const level = WARNINGS.includes(happening.kind) ? 'warn' : 'info'
    log[level](happening, happening.kind)
    for (const listener of listeners) listener(happening)
  }
}
