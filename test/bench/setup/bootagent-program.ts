import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'

/** The BootAgent that is measured: the executable that hosts get. */
export interface BootAgentProgram {
  readonly path: string
  /** The version, and which commit it was built of. */
  readonly version: string
}

const ROOT = join(import.meta.dirname, '../../..')

/** Builds it of the checkout as it is. */
export function buildBootAgent(): BootAgentProgram {
  const args = ['scripts/build.ts', '--only', 'bootagent', '--out', join(ROOT, '.cache/bench'), '--json']
  const said = execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const { version, commit, made } = JSON.parse(said) as { version: string; commit: string; made: { path: string }[] }
  return { path: made[0]?.path ?? '', version: `${version} (executable of ${commit})` }
}
