import type { Clock, Log } from '@bootagent/runtime'
import type { Leaving } from '../leaving.ts'
import type { MetafileStore } from '../state/metafile.ts'
import type { Changes, Written } from '../state/metafile-schema.ts'
import type { Slot } from '../state/own-slots.ts'
import type { Paths } from '../state/paths.ts'
import type { Supervisor } from '../supervise/supervisor.ts'
import type { Proxies, WorkerResult } from '../worker/request.ts'
import type { runInWorker } from '../worker/spawn-worker.ts'
import type { CacheBounds } from './choose-evictions.ts'
import type { TrySettings } from './decide-try.ts'
import type { Rates } from './rates.ts'
import type { TlsFiles } from './read-tls.ts'
import type { Slots, Turns } from './slots.ts'

/** What the executors work with; built once by compose, with what belongs to the one job added for it. */
export interface Tools {
  readonly paths: Paths
  readonly metafile: MetafileStore
  readonly supervisor: Supervisor
  readonly clock: Clock
  readonly log: Log
  /** Asks every server of a list for an answer to a report; true as soon as one has answered. */
  readonly tryServers: (list: string, signal: AbortSignal) => Promise<boolean>
  /** Has a job end where it is, by the wish of the cancel `by`; both are job keys. Resolves once it has ended. */
  readonly callOff: (wish: { readonly target: string; readonly by: string }, signal: AbortSignal) => Promise<void>
  /** The end of what an agent wrote, fit to be told. */
  readonly lastWords: (name: string) => Promise<readonly string[]>
  /** Has BootAgent end in order, with that exit code. Jobs that are not done are planned again at the next start. */
  readonly leave: Leaving['leave']
  /** This BootAgent's own upgrade. */
  readonly own: OwnTools
  readonly worker: WorkerTools
  /** What is kept of packages that nobody needs now. */
  readonly cache: CacheBounds
  /** What packages must be made for: this host, in Node's words, and the version of this BootAgent. */
  readonly platform: { readonly os: string; readonly arch: string; readonly bootagent: string }
}

/** What a job about BootAgent itself works with. */
export interface OwnTools {
  /** The slot this process runs from; undefined without a guard. */
  readonly running: Slot | undefined
  /** What a new one is tested with: the directories and the configuration of this one. */
  readonly options: readonly string[]
  /** Resolves when this one has been kept. */
  readonly kept: Promise<void>
}

/** How the worker process is run. */
export interface WorkerTools {
  readonly run: typeof runInWorker
  readonly program: { readonly command: string; readonly args: readonly string[] }
  /** At most two downloads at a time. */
  readonly downloads: Slots
  /** One download of a package at a time: who comes second finds it there. */
  readonly turns: Turns
  readonly rates: Rates
  readonly tls: TlsFiles
  readonly proxies: Proxies
  readonly maxPackageBytes: number
  /** Milliseconds. */
  readonly tries: TrySettings
  readonly random: () => number
  readonly timeouts: { readonly connect: number; readonly idle: number; readonly total: number }
}

/** What belongs to the one job that is being worked on. */
export interface Work extends Tools {
  readonly key: string
  /** Aborted when BootAgent stops; the job is then planned again at the next start. */
  readonly signal: AbortSignal
  /** Aborted then, and when the job is called off: for steps that leave nothing behind when they are cut short. */
  readonly cutShort: AbortSignal
  /** Told while something is counted, in bytes; the note is added to the words for the step. */
  readonly progress: (done: number, total?: number, note?: string) => void
  /** What `verify` found and `unpack` needs; gone with the job, since after a crash the package is verified again. */
  readonly findings: Findings
}

/** A package that was unpacked and sealed. */
export interface Unpacked {
  readonly directory: string
  /** When its files were written; undefined where it has none. */
  readonly written: Written | undefined
}

/** Mutable on purpose: the one value that passes between two steps of one run, and from a step to the job's end. */
export interface Findings {
  package?: WorkerResult<'inspect'>
  /** Where it is unpacked and sealed already, if it is: deleted with the findings, unless it was put in place. */
  unpacked?: Unpacked
  /** What was changed in the releases that are deleted next. */
  changes?: Changes
  /** The version of the BootAgent in the slot that was tested. */
  ownVersion?: string
}
