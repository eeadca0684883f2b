import type { Run } from '@bootagent/protocol'
import type { HealthSubject } from '../health/health-watch.ts'
import { READY_VARIABLE, readyFileOf } from '../health/ready-file.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { agentPaths, type Paths, treePath } from '../state/paths.ts'
import type { Attempt } from './attempt.ts'
import { TAG } from './find-processes.ts'
import { type ProcessIdentity, startedAt } from './process-identity.ts'
import { BESIDE, DEFAULT_UMASK, SHELL } from './shim.ts'

/** What a running attempt's checks are made from. */
export interface HealthFacts {
  readonly name: string
  readonly record: AgentRecord | undefined
  /** Its main process. */
  readonly main: ProcessIdentity | undefined
  readonly paths: Paths
  readonly environment: () => Readonly<Record<string, string>>
}

/**
 * A running attempt as its health watch is handed it; undefined when its release asks for no checks, or when nobody wrote down whose
 * rights it was given: another's its checks may not have, and not ours.
 */
export function healthSubjectOf(attempt: Attempt, facts: HealthFacts): HealthSubject | undefined {
  const { name, record, main, paths } = facts
  const release = record?.releases[attempt.release]
  if (release?.health === undefined || main === undefined || attempt.behind === undefined) return undefined
  return {
    attempt: attempt.id,
    directory: attempt.directory,
    startedAt: startedAt(main),
    ready: attempt.ready,
    health: release.health,
    release: treePath(paths, name, release.tree ?? attempt.release),
    environment: { ...facts.environment(), [READY_VARIABLE]: readyFileOf(attempt.directory), [TAG]: attempt.directory },
    data: agentPaths(paths, name).data,
    prefix: besideAgent(attempt.directory, release.run, attempt.behind),
  }
}

/** What a program is started behind to be counted, held and ended with the agent, and to have its rights. */
function besideAgent(attempt: string, run: Run, behind: readonly string[]): string[] {
  return [SHELL, '-c', BESIDE, 'bootagent-check', attempt, run.umask ?? DEFAULT_UMASK, ...behind]
}
