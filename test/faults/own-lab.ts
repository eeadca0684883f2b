import { createHash } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { type Program, startProgram } from '../../scripts/demo/program.ts'
import type { Fleet } from '../fleet.ts'
import { buildVersion, packVersion } from '../own/build-versions.ts'
import { restoreHome } from './saved-home.ts'

/** Two versions of BootAgent as executables, the second of them published. */
export interface OwnLab {
  /** The digest of each version's executable. */
  readonly digests: Readonly<Record<OwnVersion, string>>
  /**
   * Starts a host under its guard, from a copy of a saved home: the old version runs in slot a, and slot b holds it as well. `env` goes
   * to each BootAgent that the guard starts.
   */
  startGuarded(agentsn: string, saved: string, env?: Readonly<Record<string, string>>): Program
  end(): Promise<void>
}

/** The one that runs, and the one it is upgraded to. */
export type OwnVersion = '1.0.0' | '2.0.0'

const GUARD = join(import.meta.dirname, '../../contrib/guard')

/** Long enough that no version is given up only because the machine is busy. */
const PACE = { step: 0.2, stepMin: 0.1, retry: 0.2, gap: 0.05, ownTrial: 120, restart: { grace: 5 } }

export async function openOwnLab(fleet: Fleet): Promise<OwnLab> {
  const directory = `${fleet.directory}/own`
  mkdirSync(directory)
  const [old, next] = await Promise.all([buildVersion('1.0.0', directory), buildVersion('2.0.0', directory)])
  const file = packVersion('2.0.0', { path: next }, directory)
  await fleet.bootfleet('publish', file, '--name', 'BootAgent', '--package-version', '2.0.0')
  const guards: Program[] = []
  return {
    digests: { '1.0.0': digestOf(old), '2.0.0': digestOf(next) },
    startGuarded(agentsn, saved, env = {}) {
      const home = fleet.homeOf(agentsn)
      restoreHome(saved, home, { agentsn, servers: fleet.url })
      // Filling it has to empty it first.
      mkdirSync(`${home}/self/b`, { recursive: true })
      linkSync(old, `${home}/self/b/bootagent`)
      const config = `${home}.config.json`
      writeFileSync(config, JSON.stringify(PACE))
      const guard = startProgram(agentsn, {
        command: GUARD,
        args: [home, old, '-S', fleet.url, '-c', config, '--agentsn', agentsn],
        cwd: '/',
        output: `${home}.log`,
        // strace counts calls by thread: with one thread for the disk, the n-th call is the n-th call.
        env: { PATH: process.env['PATH'] ?? '', BOOTAGENT_GUARD_PAUSE: '0', UV_THREADPOOL_SIZE: '1', ...env },
      })
      guards.push(guard)
      return guard
    },
    async end() {
      for (const guard of guards) await guard.stop()
    },
  }
}

/** The digest of a file's bytes. */
export function digestOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}
