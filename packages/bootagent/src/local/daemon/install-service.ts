import { existsSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { writeFileAtomic } from '@bootagent/runtime'
import { BootAgentError } from '../../errors.ts'
import { UNIT } from '../../limits/systemd-command.ts'
import type { Options } from '../options.ts'
import { daemonOptions } from './daemon-options.ts'
import { findGuardProgram } from './guard-program.ts'
import { sayResult } from './say.ts'
import { findSystemctl, type Systemctl, UNITS_OF_OPERATORS, UNITS_OF_PACKAGES } from './systemd-service.ts'
import { unitFor, WRITTEN_BY_US } from './unit-text.ts'

const UNIT_PATH = `${UNITS_OF_OPERATORS}/${UNIT}`

/** Has systemd start BootAgent at each boot, with the options given; nothing is started now. Throws with what to do. */
export async function installService(options: Options, main: string | undefined): Promise<number> {
  const systemctl = needSystemd()
  if (main !== undefined)
    throw new BootAgentError('not-done', 'a checkout is no installation: build an executable first, npm run build')
  const owned = UNITS_OF_PACKAGES.map((place) => `${place}/${UNIT}`).find((path) => existsSync(path))
  if (owned !== undefined)
    throw new BootAgentError(
      'not-done',
      `${owned} is there, of a package: systemctl enable --now bootagent, its options are in /etc/bootagent/options`,
    )
  refuseForeign()
  const { guard, seed } = findGuardProgram()
  const unit = unitFor(readTemplate(guard), { guard, seed, home: options.home, options: daemonOptions(options) })
  await writeFileAtomic(UNIT_PATH, unit, { mode: 0o644 })
  await carryOut(systemctl, ['daemon-reload'], ['enable', UNIT])
  sayResult(
    options.json,
    `${UNIT_PATH} is written and enabled: BootAgent starts at each boot; to start it now: bootagent start`,
    {
      unit: UNIT_PATH,
      guard,
      seed,
    },
  )
  return 0
}

/** Takes back what {@link installService} did, and stops BootAgent; its agents go on. Throws with what to do. */
export async function uninstallService(options: Options): Promise<number> {
  const systemctl = needSystemd()
  if (!existsSync(UNIT_PATH)) {
    sayResult(options.json, `${UNIT_PATH} is not there: nothing was done`, { unit: UNIT_PATH, removed: false })
    return 0
  }
  refuseForeign()
  await carryOut(systemctl, ['disable', UNIT], ['stop', UNIT])
  await rm(UNIT_PATH)
  await carryOut(systemctl, ['daemon-reload'])
  sayResult(
    options.json,
    `BootAgent is stopped and ${UNIT_PATH} is removed; agents that ran go on, and ${options.home} is kept`,
    {
      unit: UNIT_PATH,
      removed: true,
    },
  )
  return 0
}

function needSystemd(): Systemctl {
  const systemctl = findSystemctl()
  if (systemctl === undefined)
    throw new BootAgentError(
      'not-done',
      'systemd does not run on this host: bootagent start keeps BootAgent by a guard, and whatever runs at boot may call it',
    )
  if (process.geteuid?.() !== 0) throw new BootAgentError('not-done', 'services of the host are root’s: be root')
  return systemctl
}

/** What somebody else has written is theirs. */
function refuseForeign(): void {
  if (existsSync(UNIT_PATH) && !readFileSync(UNIT_PATH, 'utf8').startsWith(WRITTEN_BY_US))
    throw new BootAgentError(
      'not-done',
      `${UNIT_PATH} was not written by bootagent install-service: remove it yourself if it is in the way`,
    )
}

/** The unit of the packages lies beside the guard, in the sources one directory further. */
function readTemplate(guard: string): string {
  const places = [`${dirname(guard)}/${UNIT}`, `${dirname(guard)}/systemd/${UNIT}`]
  const found = places.find((path) => existsSync(path))
  if (found === undefined) throw new BootAgentError('not-done', `there is no ${places.join(' nor ')}: install the package`)
  return readFileSync(found, 'utf8')
}

async function carryOut(systemctl: Systemctl, ...commands: readonly (readonly string[])[]): Promise<void> {
  for (const command of commands) {
    const refused = await systemctl(...command)
    if (refused !== undefined) throw new BootAgentError('not-done', refused)
  }
}
