import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import process from 'node:process'
import { endAgentsOf } from '../../scripts/demo/end-agents.ts'
import type { Lab } from './lab.ts'

/** Clears a case away; what has not survived is kept for looking at, in a directory that is named among the problems. */
export function clearAway(
  lab: Lab,
  { agentsn, home = lab.fleet.homeOf(agentsn) }: { readonly agentsn: string; readonly home?: string },
  problems: readonly string[],
): readonly string[] {
  endAgentsOf(home)
  const beside = ['strace', 'log', 'config.json', 'node'].map((end) => `${lab.fleet.homeOf(agentsn)}.${end}`)
  const left = [home, ...beside].filter((path) => existsSync(path))
  const kept = `${tmpdir()}/bootagent-faults-${process.pid}`
  if (problems.length > 0) {
    mkdirSync(kept, { recursive: true })
    execFileSync('cp', ['--archive', ...left, kept])
  }
  for (const path of left) rmSync(path, { recursive: true, force: true })
  return problems.length > 0 ? [...problems, `kept in ${kept}/${agentsn}`] : []
}
