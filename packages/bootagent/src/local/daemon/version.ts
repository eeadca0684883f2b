import type { BuildInfo } from '../../build-info.ts'
import { BootAgentError } from '../../errors.ts'
import { pathsOf } from '../../state/paths.ts'
import { type Options, versionText } from '../options.ts'
import { type Daemon, lookAtDaemon } from './look-at-daemon.ts'
import { sayAside, sayResult } from './say.ts'

/** `bootagent version`: of this executable, and of the BootAgent that runs where that is another. Exit code 0. */
export async function version({ home, run, json }: Options, build: BuildInfo): Promise<number> {
  const daemon = await lookUnlessForbidden(home, run)
  const other = daemon !== undefined && daemon.version !== build.version
  const { version: ours, commit, date, servers } = build
  const running = daemon === undefined ? undefined : { pid: daemon.pid, version: daemon.version }
  sayResult(json, versionText(build), { version: ours, commit, date, servers, ...(running === undefined ? {} : { running }) })
  if (other && !json) sayResult(false, `running: bootagent ${daemon.version}, process ${daemon.pid}`, {})
  return 0
}

/** Anybody may ask what this executable is; what runs is for those whose it is. */
async function lookUnlessForbidden(home: string, run: string): Promise<Daemon | undefined> {
  try {
    const sight = await lookAtDaemon(pathsOf(home, run))
    if (sight.kind === 'silent') sayAside(`process ${sight.holder.pid} holds ${home} and does not say its version: ${sight.why}`)
    return sight.kind === 'in-control' ? sight.daemon : undefined
  } catch (error) {
    if (!(error instanceof BootAgentError)) throw error
    sayAside(error.message)
    return undefined
  }
}
