import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { readIfThere } from '@bootagent/runtime'
import type { BuildInfo } from '../../build-info.ts'
import { BootAgentError } from '../../errors.ts'
import { DEFAULTS, type Options, readOptions } from '../options.ts'
import { readOptionWords } from './read-option-words.ts'

/** What the service starts BootAgent with, and `start` where there is no service. */
const OPTIONS_FILE = '/etc/bootagent/options'

/**
 * The options BootAgent is to be started with: of the command line, then of the host's options file, which is that of the usual home; and a log
 * and a pid file in any case. Throws `usage` when the file cannot be read as options.
 */
export async function startOptions(given: Options, build: BuildInfo): Promise<Options> {
  const filed = given.home === DEFAULTS.home ? await readFiled(build) : undefined
  const told = filed === undefined ? given : optionsOver(filed, given)
  return {
    ...told,
    log: told.log ?? (await defaultLog(given.home)),
    pidFile: told.pidFile ?? defaultPidFile(given.run),
  }
}

/** What BootAgent is started with: what was given, and below that what was said before. */
export function optionsOver(before: Options, given: Options): Options {
  return {
    ...given,
    servers: given.servers ?? before.servers,
    agentsn: given.agentsn ?? before.agentsn,
    level: given.level ?? before.level,
    config: given.config ?? before.config,
    log: given.log ?? before.log,
    pidFile: given.pidFile ?? before.pidFile,
  }
}

/** Written by a BootAgent that `start` has started, where nothing else was said. */
export function defaultPidFile(run: string): string {
  return `${run}/bootagent.pid`
}

async function readFiled(build: BuildInfo): Promise<Options | undefined> {
  const text = await readIfThere(OPTIONS_FILE)
  if (text === undefined) return undefined
  try {
    const reading = readOptions(readOptionWords(text.toString('utf8')), build, () => undefined)
    return reading.kind === 'options' ? reading.options : undefined
  } catch (error) {
    if (!(error instanceof BootAgentError)) throw error
    throw new BootAgentError('usage', `${OPTIONS_FILE} cannot be used: ${error.message}`, error)
  }
}

async function defaultLog(home: string): Promise<string> {
  const path = home === DEFAULTS.home ? '/var/log/bootagent/bootagent.log' : `${home}/bootagent.log`
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return path
}
