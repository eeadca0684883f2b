import type { Case, Verdict } from './conformance-case.ts'

/** What is said of a case; how it is run is the bench's business. */
export type CaseFacts = Omit<Case<never>, 'run'>

/** Where the cases of one side are run, against one peer. */
export interface Bench {
  /** Puts the peer to one case. */
  run(name: string): Promise<Verdict>
  /** Ends what was started for all cases. */
  close(): Promise<void>
}

/** Which peer is tested, and how patiently. */
export interface BenchSettings {
  /** `command`: how it is started; `url`: a server that runs already; absent: this project's own. */
  readonly peer?: string | undefined
  /** What a server's operators must show. */
  readonly token?: string | undefined
  /** How long one case may take, in milliseconds. */
  readonly patience: number
}

/** Enough for a machine that has other things to do; a third party's slow agent may need more. */
export const DEFAULT_PATIENCE = 45_000
