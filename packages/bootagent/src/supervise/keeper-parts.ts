import type { Clock, Log } from '@bootagent/runtime'
import type { Probe } from '../health/probe.ts'
import type { LimitsDriver } from '../limits/driver.ts'
import type { Paths } from '../state/paths.ts'
import type { Happening } from './happening.ts'
import type { Ledger } from './ledger.ts'
import type { RestartPolicy } from './restart-policy.ts'

/** What came of a start that was asked for. */
export type StartOutcome =
  | { readonly kind: 'running'; readonly pid: number }
  | { readonly kind: 'failed'; readonly why: string }
  /** The host had not what a start takes: it may have it again at any moment, and nothing of the agent's has failed. */
  | { readonly kind: 'hindered'; readonly why: string }

/** What came of a stop that was asked for. */
export type StopOutcome =
  | { readonly kind: 'stopped' }
  | { readonly kind: 'stuck'; readonly pids: readonly number[]; readonly why: string }

/** What the keepers of a host share. */
export interface KeeperParts {
  readonly paths: Paths
  readonly bootid: string
  readonly ledger: Ledger
  readonly clock: Clock
  /** In [0, 1). */
  readonly random: () => number
  readonly log: Log
  /** The host's own; a release's settings go over it. */
  readonly policy: RestartPolicy
  readonly environment: (name: string) => Readonly<Record<string, string>>
  readonly driver: LimitsDriver
  readonly probe: Probe
  readonly announce: (happening: Happening) => void
  /** Aborted when supervision ends: nothing is begun any more, and agents are left as they are. */
  readonly signal: AbortSignal
  /** Told of a fault nobody foresaw. */
  readonly fail: (error: unknown) => void
}
