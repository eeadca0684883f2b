import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { RUN_DIRECTORY } from '../run-directory.ts'

/** The versions of BootAgent that scenarios install: one, and one that follows it. */
export const VERSIONS = { first: '1.0.0', second: '1.1.0' } as const

type Version = (typeof VERSIONS)[keyof typeof VERSIONS]

const ROOT = join(import.meta.dirname, '../../..')
export const PACKAGES = join(RUN_DIRECTORY, 'packages')

/** The name that {@link buildPackages} gives a .deb; of the shelf it is at the top. */
export const debOf = (version: Version): string => `bootagent_${version}-1_amd64.deb`
export const rpmOf = (version: Version): string => `BootAgent-${version}-1.x86_64.rpm`

/** The server's .deb, of the first version. */
export const SERVER_DEB = `bootserver_${VERSIONS.first}-1_amd64.deb`

/**
 * Builds every version as a release is built, with no server inside, and packages it, packed as fast as can be.
 * Throws with the output of the step that failed.
 */
export function buildPackages(): void {
  rmSync(PACKAGES, { recursive: true, force: true })
  mkdirSync(PACKAGES, { recursive: true })
  for (const version of Object.values(VERSIONS)) {
    const out = ['--only', 'bootagent', '--build-version', version, '--out', PACKAGES, '--arch', 'x64']
    run('scripts/build.ts', ...out)
    run('scripts/package.ts', 'BootAgent', `${version}-1`, '--dist', PACKAGES, '--arch', 'x64', '--only', 'deb,rpm', '--quick')
  }
  const { first } = VERSIONS
  run('scripts/build.ts', '--only', 'bootserver,bootfleet', '--build-version', first, '--out', PACKAGES, '--arch', 'x64')
  run('scripts/package.ts', 'BootServer', `${first}-1`, '--dist', PACKAGES, '--arch', 'x64', '--only', 'deb', '--quick')
}

function run(script: string, ...args: readonly string[]): void {
  execFileSync(process.execPath, [script, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
}
