import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { type FileLock, lockFile, makeDirectory, RuntimeError } from '@bootagent/runtime'
import type { BuildInfo } from '../../build-info.ts'
import { LONGEST_SOCKET_PATH } from '../../control/private-socket.ts'
import { BootAgentError } from '../../errors.ts'
import { type Paths, pathsOf } from '../../state/paths.ts'
import { UNIT } from '../../limits/systemd-command.ts'
import { defaultRun, type Options } from '../options.ts'
import { awaitChange } from './await-change.ts'
import { daemonOptions } from './daemon-options.ts'
import { findGuard } from './find-guard.ts'
import { beginGuardLog, lastLinesOf, sizeOf } from './guard-log.ts'
import { checkoutGuardProgram, findGuardProgram } from './guard-program.ts'
import { type Daemon, lookAtDaemon } from './look-at-daemon.ts'
import { passOnGuardLog, sayAside, sayResult } from './say.ts'
import { findLockHolder } from '../lock-holder.ts'
import { startOptions } from './start-options.ts'
import { findService, type Systemctl } from './systemd-service.ts'

/** The program that is to be started. */
export interface Program {
  readonly build: BuildInfo
  /** A checkout's main file; an executable has none. */
  readonly main: string | undefined
}

/**
 * `bootagent start`: by systemd where that keeps this home, else under a guard in a session of its own (ADR 0054). Resolves once BootAgent is in
 * control, with 0; or with the exit code it ended with, the reason said. One that runs already is as good as one that was started.
 */
export async function startDaemon(options: Options, program: Program): Promise<number> {
  const paths = pathsOf(options.home, options.run)
  checkSocketPath(paths)
  const sight = await lookAtDaemon(paths)
  if (sight.kind === 'in-control') return sayThatItRuns(options, sight.daemon, true)
  const service = findService(options.home)
  if (service !== undefined) return startByService(options, paths, service)
  const guard = findGuard(paths.home)
  if (sight.kind === 'silent' || guard !== undefined) return waitForOther(options, paths)
  return startByGuard(options, paths, program)
}

/** How long BootAgent may take until it is in control, in seconds. */
const PATIENCE = 60

function checkSocketPath({ control }: Paths): void {
  if (Buffer.byteLength(control) <= LONGEST_SOCKET_PATH) return
  throw new BootAgentError(
    'usage',
    `${control} is longer than the ${LONGEST_SOCKET_PATH} bytes a socket may have, so nobody could see whether BootAgent is in control: name a shorter --run, or run it with -f`,
  )
}

function sayThatItRuns({ json }: Options, { pid, version, guard }: Daemon, already: boolean): number {
  sayResult(json, `bootagent runs${already ? ' already' : ''}: process ${pid}, version ${version}`, {
    pid,
    version,
    already,
    ...(guard === undefined ? {} : { guard }),
  })
  if (guard === undefined && already)
    sayAside('it has no guard: nobody starts it again should it die; "bootagent restart" gives it one')
  return 0
}

/** Where to find it may be said; how it is started is said in a file. */
async function startByService(options: Options, paths: Paths, systemctl: Systemctl): Promise<number> {
  const given = daemonOptions({ ...options, run: defaultRun(options.home) })
  if (given.length > 0)
    throw new BootAgentError(
      'usage',
      `systemd starts BootAgent here, with the options of ${UNIT} and of the file it names: put ${given.join(' ')} there, and start without`,
    )
  const refused = await systemctl('start', UNIT)
  const daemon = refused === undefined ? await awaitControl(paths, async () => undefined) : undefined
  if (daemon !== undefined) return sayThatItRuns(options, daemon, false)
  sayAside(refused ?? `systemd has started ${UNIT}, and it is not in control after ${PATIENCE} s`)
  sayAside(`journalctl -u ${UNIT} says more`)
  return 1
}

/** Somebody else has started it, or it was just about to be started again. */
async function waitForOther(options: Options, paths: Paths): Promise<number> {
  const daemon = await awaitControl(paths, async () => (isAnybodyAtIt(paths) ? undefined : NOBODY))
  if (daemon !== undefined) return sayThatItRuns(options, daemon, true)
  const sight = await lookAtDaemon(paths)
  const who =
    sight.kind === 'silent'
      ? `process ${sight.holder.pid} holds ${paths.home} and gives no answer (${sight.why})`
      : isAnybodyAtIt(paths)
        ? 'a guard is there, and no BootAgent that it starts is in control'
        : 'the BootAgent that was about to be in control has ended; its log says why'
  sayAside(`${who}: "bootagent stop" ends what is left, and then it can be started`)
  return 1
}

/** Whether a BootAgent of the home is there, begins, or is about to be started. */
export function isAnybodyAtIt({ home, lock, run }: Paths): boolean {
  return [lock, startingLock(run)].some((path) => findLockHolder(path) !== undefined) || findGuard(home) !== undefined
}

const NOBODY = {}

/** Held by a start until what it has started is in control, or has ended. */
function startingLock(run: string): string {
  return `${run}/starting`
}

async function startByGuard(given: Options, paths: Paths, { build, main }: Program): Promise<number> {
  await makeDirectory(paths.run)
  const turn = takeTurn(paths)
  if (turn === undefined) return waitForOther(given, paths)
  const options = await startOptions(given, build)
  const { guard, seed } = main === undefined ? findGuardProgram() : await checkoutGuardProgram(main, paths.run)
  const logged = sizeOf(options.log ?? '')
  const errors = beginGuardLog(paths.run)
  const child = spawn(guard, [paths.home, seed, ...daemonOptions(options)], {
    cwd: '/',
    detached: true,
    stdio: ['ignore', 'ignore', errors],
  })
  closeSync(errors)
  const code = await awaitStarted(given, { paths, child })
  turn.release()
  child.unref()
  if (code !== 0) for (const line of lastLinesOf(options.log ?? '', logged, 5)) sayAside(`its log: ${line}`)
  return code
}

/** Two starts at once would be two guards; undefined when another one has the turn. */
function takeTurn({ run }: Paths): FileLock | undefined {
  try {
    return lockFile(startingLock(run))
  } catch (error) {
    if (error instanceof RuntimeError && error.code === 'locked') return undefined
    throw error
  }
}

async function awaitStarted(
  options: Options,
  { paths, child }: { readonly paths: Paths; readonly child: ChildProcess },
): Promise<number> {
  const passOn = passOnGuardLog(paths, 'beginning')
  let ended: { readonly code: number } | undefined
  void once(child, 'exit').then(
    ([code]: unknown[]) => {
      ended = { code: typeof code === 'number' ? code : 1 }
    },
    (error: Error) => {
      sayAside(error.message)
      ended = { code: 1 }
    },
  )
  const daemon = await awaitControl(paths, async () => {
    passOn()
    return ended
  })
  passOn()
  if (daemon !== undefined) return sayThatItRuns(options, daemon, ended !== undefined)
  if (ended === undefined) {
    sayAside(
      `BootAgent is not in control after ${PATIENCE} s; its guard, process ${child.pid}, goes on trying: "bootagent stop" ends that`,
    )
    return 1
  }
  // It was not the only one: whoever holds the home is about to be in control.
  if (ended.code === HELD) return waitForOther(options, paths)
  sayAside(`BootAgent was not started: it ended with ${ended.code}`)
  return ended.code
}

/** The guard's word for another BootAgent on this home. */
const HELD = 3

/** Resolves with the BootAgent that is in control; undefined when its time is over, or when `over` says that it ended. */
async function awaitControl(paths: Paths, over: () => Promise<object | undefined>): Promise<Daemon | undefined> {
  let waitingFor = ''
  const found = await awaitChange<Daemon | 'over'>({
    within: PATIENCE,
    async look() {
      const sight = await lookAtDaemon(paths)
      if (sight.kind === 'in-control') return sight.daemon
      waitingFor =
        sight.kind === 'silent'
          ? `process ${sight.holder.pid} has the home and takes over what runs on this host`
          : 'BootAgent has not taken its home yet'
      return (await over()) === undefined ? undefined : 'over'
    },
    waitingFor: () => waitingFor,
  })
  return found === 'over' ? undefined : found
}
