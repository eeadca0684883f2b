import { pathsOf, type Paths } from '../../state/paths.ts'
import { BootAgentError } from '../../errors.ts'
import { askDaemon } from '../ask-daemon.ts'
import { type Options, readOptions } from '../options.ts'
import { awaitChange } from './await-change.ts'
import { findGuard } from './find-guard.ts'
import { type Daemon, isProvenOurs, lookAtDaemon } from './look-at-daemon.ts'
import { passOnGuardLog, sayAside, sayResult } from './say.ts'
import { isAnybodyAtIt, type Program, startDaemon } from './start-daemon.ts'
import { optionsOver } from './start-options.ts'
import { endDaemon, send } from './end-daemon.ts'
import { findService } from './systemd-service.ts'

/**
 * `bootagent restart`: has BootAgent end and its guard start it again, which also brings in a new executable (ADR 0048). Resolves when the new
 * process is in control. One without a guard is stopped, and started with one and with the options it had.
 */
export async function restartDaemon(options: Options, program: Program): Promise<number> {
  const paths = pathsOf(options.home, options.run)
  const sight = await lookAtDaemon(paths)
  if (sight.kind === 'none') return startDaemon(options, program)
  if (sight.kind === 'silent') {
    if (findGuard(paths.home) === undefined)
      throw new BootAgentError(
        'not-done',
        `process ${sight.holder.pid} holds ${paths.home} and gives no answer (${sight.why}), and no guard would start it again: bootagent stop, then bootagent start with its options`,
      )
    sayAside(
      `process ${sight.holder.pid} holds ${paths.home} and gives no answer (${sight.why}): it is killed, and its guard starts it again`,
    )
    if (isProvenOurs(paths, sight.holder)) send(sight.holder, 'SIGKILL')
    return awaitNext(options, paths, { pid: sight.holder.pid, version: undefined })
  }
  const { daemon } = sight
  if (daemon.guard === undefined) return startGuarded(options, program, daemon)
  const reply = await askDaemon(paths.control, { method: 'POST', path: '/restart', patience: 5000 })
  if (reply.kind === 'refused') throw new BootAgentError('not-done', `BootAgent would not: ${reply.message}`)
  return awaitNext(options, paths, daemon)
}

/** Its guard was killed, or it never had one. */
async function startGuarded(options: Options, program: Program, daemon: Daemon): Promise<number> {
  sayAside(`process ${daemon.pid} has no guard: it is stopped, and started with one and with the options it had`)
  const reading = readOptions(daemon.options, program.build, () => undefined)
  await endDaemon(pathsOf(options.home, options.run), {
    how: 'stop',
    waitingFor: async () => 'it ends what is under way',
  })
  // A service has options of its own.
  const isService = findService(options.home) !== undefined
  return startDaemon(reading.kind !== 'options' || isService ? options : optionsOver(reading.options, options), program)
}

/** Seconds. The guard tests a new executable before it starts it. */
const PATIENCE = 120

async function awaitNext(
  { json }: Options,
  paths: Paths,
  before: { readonly pid: number; readonly version: string | undefined },
): Promise<number> {
  let state = ''
  const passOn = passOnGuardLog(paths, 'end')
  const next = await awaitChange<Daemon | 'nobody'>({
    within: PATIENCE,
    async look() {
      passOn()
      const sight = await lookAtDaemon(paths)
      state =
        sight.kind === 'silent'
          ? `process ${sight.holder.pid} has the home and is not in control yet`
          : 'its guard starts it again'
      if (sight.kind === 'in-control' && sight.daemon.pid !== before.pid) return sight.daemon
      return sight.kind === 'none' && !isAnybodyAtIt(paths) ? 'nobody' : undefined
    },
    waitingFor: () => state,
  })
  passOn()
  if (next === undefined || next === 'nobody') {
    const how = next === 'nobody' ? 'its guard has ended as well' : `none is in control after ${PATIENCE} s`
    sayAside(`process ${before.pid} was asked to end, and ${how}: ${paths.run}/guard.log or the journal says why`)
    return 1
  }
  const versions = before.version === undefined ? next.version : `${before.version}, now ${next.version}`
  sayResult(json, `bootagent was started again: process ${before.pid}, now ${next.pid}; version ${versions}`, {
    before,
    pid: next.pid,
    version: next.version,
  })
  return 0
}
