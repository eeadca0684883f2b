import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { UNIT } from '../../limits/systemd-command.ts'
import { findHostProgram } from '../../limits/systemd-scope.ts'
import { homeOfUnit } from './unit-text.ts'

/** Where whoever administers a host puts units; those of packages are in the others. */
export const UNITS_OF_OPERATORS = '/etc/systemd/system'
export const UNITS_OF_PACKAGES: readonly string[] = [
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** The service by which systemd keeps the BootAgent of that home; undefined when none does. */
export function findService(home: string): Systemctl | undefined {
  const systemctl = findSystemctl()
  const unit = [UNITS_OF_OPERATORS, ...UNITS_OF_PACKAGES].map((place) => `${place}/${UNIT}`).find((path) => existsSync(path))
  if (systemctl === undefined || unit === undefined) return undefined
  return homeOfUnit(readFileSync(unit, 'utf8')) === home ? systemctl : undefined
}

/** Runs `systemctl`; undefined when it did what it was asked, else what it said. */
export type Systemctl = (...args: readonly string[]) => Promise<string | undefined>

/** Undefined where systemd does not run. */
export function findSystemctl(): Systemctl | undefined {
  const program = existsSync('/run/systemd/system') ? findHostProgram('systemctl') : undefined
  if (program === undefined) return undefined
  return (...args) =>
    new Promise((resolve) => {
      // A stop takes what the unit allows it.
      execFile(program, args, { timeout: PATIENCE }, (error, _out, said) => {
        resolve(error === null ? undefined : `systemctl ${args.join(' ')} failed: ${said.trim() || error.message}`)
      })
    })
}

const PATIENCE = 120_000
