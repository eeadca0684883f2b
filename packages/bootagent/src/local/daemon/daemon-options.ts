import { resolve } from 'node:path'
import { defaultRun, type Options } from '../options.ts'

/** The options of a BootAgent as its command line, without its home: files absolute, for it may be started elsewhere. */
export function daemonOptions(options: Options): string[] {
  const { servers, agentsn, log, level, pidFile, config, run, home } = options
  return [
    ...given('-S', servers),
    ...given('--agentsn', agentsn),
    ...given('-L', absolute(log)),
    ...given('-l', level),
    ...given('-P', absolute(pidFile)),
    ...given('-c', absolute(config)),
    ...(run === defaultRun(home) ? [] : ['--run', run]),
  ]
}

function given(option: string, value: string | undefined): string[] {
  return value === undefined ? [] : [option, value]
}

function absolute(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path)
}
