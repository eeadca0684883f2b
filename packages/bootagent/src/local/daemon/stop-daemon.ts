import { rm } from 'node:fs/promises'
import { BootAgentError } from '../../errors.ts'
import { type Paths, pathsOf } from '../../state/paths.ts'
import { UNIT } from '../../limits/systemd-command.ts'
import type { Options } from '../options.ts'
import { readPidFile } from '../pid-file.ts'
import { takePicture } from '../take-picture.ts'
import { endDaemon } from './end-daemon.ts'
import { lookAtDaemon } from './look-at-daemon.ts'
import { sayAside, sayResult } from './say.ts'
import { defaultPidFile } from './start-options.ts'
import { findService } from './systemd-service.ts'

/**
 * `bootagent stop`: has BootAgent end, and with `--drain` stop every agent first; resolves when the home is free (ADR 0054). Exit code 0 also when
 * none ran; 1 when agents are left that were to be stopped.
 */
export async function stopDaemon(options: Options, version: string): Promise<number> {
  const paths = pathsOf(options.home, options.run)
  const running = options.drain ? await runningAgents(options, version) : []
  const ended = [...new Set(await endAll(options, paths, () => waitingFor(options, version)))]
  await removeStalePidFile(paths)
  const left = options.drain ? await runningAgents(options, version) : []
  return sayWhatStopped(options, { ended, running, left })
}

/** Systemd does not know of one that was started without it, nor what an agent needs to be stopped. */
async function endAll({ home, drain }: Options, paths: Paths, waiting: () => Promise<string>): Promise<number[]> {
  const drained = drain ? await endDaemon(paths, { how: 'drain', waitingFor: waiting }) : []
  const systemctl = findService(home)
  const known = systemctl === undefined ? [] : await holdersOf(paths)
  const refused = await systemctl?.('stop', UNIT)
  if (refused !== undefined) throw new BootAgentError('not-done', refused)
  return [...drained, ...known, ...(await endDaemon(paths, { how: 'stop', waitingFor: waiting }))]
}

async function holdersOf(paths: Paths): Promise<number[]> {
  const sight = await lookAtDaemon(paths)
  if (sight.kind === 'none') return []
  return [sight.kind === 'silent' ? sight.holder.pid : sight.daemon.pid]
}

interface RunningAgent {
  readonly name: string
  readonly pid: number
}

/** Without an answer of BootAgent, what the disk and /proc say is for those that come after it. */
async function runningAgents(options: Options, version: string): Promise<RunningAgent[]> {
  const picture = await takePicture(options, version).catch((error: unknown) => {
    if (error instanceof BootAgentError && error.code === 'no-daemon') return undefined
    throw error
  })
  return (picture?.agents ?? []).flatMap(({ name, pid }) => (pid === undefined ? [] : [{ name, pid }]))
}

async function waitingFor(options: Options, version: string): Promise<string> {
  const left = options.drain ? await runningAgents(options, version) : []
  if (left.length === 0) return 'it ends what is under way'
  return `agents that have not ended yet: ${left.map(({ name }) => name).join(', ')}`
}

interface Stopped {
  readonly ended: readonly number[]
  readonly running: readonly RunningAgent[]
  readonly left: readonly RunningAgent[]
}

/** What was there before and is not there now: seen, not told. */
function sayWhatStopped({ json, drain, home }: Options, { ended, running, left }: Stopped): number {
  const pids = new Set(left.map(({ pid }) => pid))
  const stopped = running.filter(({ pid }) => !pids.has(pid)).map(({ name }) => name)
  const who = ended.length === 0 ? `bootagent does not run on ${home}` : `bootagent was stopped: process ${ended.join(', ')}`
  const agents = drain ? `; agents stopped: ${stopped.length}` : ended.length === 0 ? '' : '; its agents go on'
  const counted = drain ? { drained: stopped, left: left.map(({ name }) => name) } : {}
  sayResult(json, `${who}${agents}`, { stopped: ended, ...counted })
  for (const { name, pid } of left)
    sayAside(`${name} still runs, as process ${pid}, and BootAgent is not there to stop it: start it, and stop it with --drain`)
  return left.length === 0 ? 0 : 1
}

/** The home is free, so whatever the file names is not the BootAgent of this home. The process itself is left alone. */
async function removeStalePidFile({ run }: Paths): Promise<void> {
  const path = defaultPidFile(run)
  const named = await readPidFile(path)
  if (named === undefined) return
  await rm(path, { force: true })
  sayAside(
    `${path} names process ${named}, which does not hold this home: the file was stale and is removed, the process is left alone`,
  )
}
