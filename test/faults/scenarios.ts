import type { HostLike } from '../fleet.ts'
import type { Beginning } from './lab.ts'
import { PROGRAMS } from './packages.ts'

/** What a host may be found to run: one version of `tiny`, with its environment, or nothing of it. */
export interface Setup {
  readonly version: string | null
  readonly envs: Readonly<Record<string, string>>
  /** Paths of its configuration files. */
  readonly files: readonly string[]
}

/** One thing that an operator asks of a host, and what may be there afterwards. */
export interface Scenario {
  readonly name: string
  readonly from: Beginning
  readonly request: readonly string[]
  /** What was there, and stays when the job fails. */
  readonly before: Setup
  /** What is there when it succeeds. */
  readonly after: Setup
  /** How it ends where nothing is in its way, and where BootAgent is killed and started again. */
  readonly ends: 'succeeded' | 'failed'
  readonly like?: HostLike
}

const NOTHING: Setup = { version: null, envs: {}, files: [] }
/** With `tiny` 1.0.0. */
export const FIRST: Setup = { version: '1.0.0', envs: {}, files: [] }
const SECOND: Setup = { version: '2.0.0', envs: {}, files: [] }

function toVersion(action: 'install' | 'upgrade', version: string): readonly string[] {
  return [action, 'tiny', '--package-version', version]
}

export const SCENARIOS: readonly Scenario[] = [
  { name: 'install', from: 'nothing', request: toVersion('install', '1.0.0'), before: NOTHING, after: FIRST, ends: 'succeeded' },
  { name: 'upgrade', from: 'first', request: toVersion('upgrade', '2.0.0'), before: FIRST, after: SECOND, ends: 'succeeded' },
  {
    name: 'upgrade and back',
    from: 'first',
    request: toVersion('upgrade', '3.0.0'),
    before: FIRST,
    after: { version: '3.0.0', envs: {}, files: [] },
    ends: 'failed',
    // On a busy machine its program may sleep for longer than a short trial lasts, and would then have passed it.
    like: { pace: { trial: 600 } },
  },
  { name: 'rollback', from: 'second', request: ['rollback', 'tiny'], before: SECOND, after: FIRST, ends: 'succeeded' },
  { name: 'uninstall', from: 'first', request: ['uninstall', 'tiny'], before: FIRST, after: NOTHING, ends: 'succeeded' },
  {
    name: 'settings',
    from: 'first',
    request: [...toVersion('upgrade', '1.0.0'), '--env', 'COLOUR=green', '--file', `etc/scenarios=${import.meta.filename}`],
    before: FIRST,
    after: { version: '1.0.0', envs: { COLOUR: 'green' }, files: ['etc/scenarios'] },
    ends: 'succeeded',
  },
]

/** The command line of a version that runs. */
export function commandOf(version: string): string {
  return PROGRAMS[version]?.replace('exec ', '') ?? ''
}
