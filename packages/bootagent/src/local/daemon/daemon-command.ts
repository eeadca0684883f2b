import type { Options } from '../options.ts'
import { installService, uninstallService } from './install-service.ts'
import { restartDaemon } from './restart-daemon.ts'
import { type Program, startDaemon } from './start-daemon.ts'
import { stopDaemon } from './stop-daemon.ts'
import { version } from './version.ts'

/** What a command about BootAgent itself does; resolves with its exit code. */
const COMMANDS = {
  start: startDaemon,
  stop: (options, { build }) => stopDaemon(options, build.version),
  restart: restartDaemon,
  version: (options, { build }) => version(options, build),
  'install-service': (options, { main }) => installService(options, main),
  'uninstall-service': (options) => uninstallService(options),
} satisfies Readonly<Record<string, (options: Options, program: Program) => Promise<number>>>

export type DaemonCommand = keyof typeof COMMANDS

/** Carries one out. */
export function daemonCommand(options: Options, command: DaemonCommand, program: Program): Promise<number> {
  return COMMANDS[command](options, program)
}
