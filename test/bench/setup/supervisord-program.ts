import { execFileSync } from 'node:child_process'
import process from 'node:process'

/** The supervisord to compare with, of Debian's package `supervisor`. */
export interface SupervisordProgram {
  readonly supervisord: string
  readonly supervisorctl: string
  readonly version: string
}

/** Installs the Debian package when it is missing and this is root; throws with what to type otherwise. */
export function ensureSupervisord(): SupervisordProgram {
  const version = versionOf() ?? install()
  return { supervisord: 'supervisord', supervisorctl: 'supervisorctl', version }
}

function versionOf(): string | undefined {
  try {
    return execFileSync('supervisord', ['--version'], { encoding: 'utf8' }).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const COMMAND = 'apt-get install -y --no-install-recommends supervisor'

function install(): string {
  if (process.geteuid?.() !== 0) throw new Error(`supervisord, to compare with, is not here. Install it:\n  sudo ${COMMAND}`)
  const apt = (command: string) =>
    execFileSync('sh', ['-c', command], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    })
  // Only a machine without package lists, or with old ones, must fetch them first.
  apt(`${COMMAND} || { apt-get update && ${COMMAND}; }`)
  const version = versionOf()
  if (version === undefined) throw new Error('the package supervisor is installed, and there is no supervisord on the PATH')
  return version
}
