import type { AgentRecord, FailedRelease, Metafile, OwnUpgrade } from './metafile-schema.ts'
import type { OwnState } from './own-slots.ts'

/** What is seen of one agent: its record, what of it is on disk, and what of it runs. Plans are made from this and nothing else. */
export interface AgentOnHost {
  readonly name: string
  readonly record: AgentRecord | undefined
  /** Releases that are whole: recorded, and there on disk with their configuration files. */
  readonly installed: ReadonlySet<string>
  /** Unpacked packages that a record speaks of. */
  readonly trees: ReadonlySet<string>
  /** Sets of configuration files on disk, by id. */
  readonly fileSets: ReadonlySet<string>
  /** Releases that failed their trial and are not tried again unasked. */
  readonly failed: readonly FailedRelease[]
  /** Whether the agent's directory is there at all; its data may outlive its record. */
  readonly directory: boolean
  /** The release that runs now and the attempt it runs by; undefined when none does. */
  readonly running: { readonly release: string; readonly attempt: string } | undefined
}

/** What is seen of the host by a job that is about to be planned. */
export interface HostState {
  /** The agent the job is about; undefined for a job about the host itself. */
  readonly agent: AgentOnHost | undefined
  /** Digests of the packages that are on disk and were verified when they came. */
  readonly packages: ReadonlySet<string>
  /** How many agents the host has. */
  readonly agents: number
  /** All jobs on record, by key. */
  readonly jobs: Metafile['jobs']
  /** BootAgent itself, and its own upgrade that is under way. */
  readonly own: OwnState
  readonly upgrade: OwnUpgrade | undefined
  readonly step: number
  readonly svrlist: string
}
