import process from 'node:process'
import { type Log, openLog, systemClock, whenAborted } from '@bootagent/runtime'
import type { BuildInfo } from './build-info.ts'
import { compose, workerProgram } from './compose.ts'
import { BootAgentError } from './errors.ts'
import { closeInherited } from './local/close-inherited.ts'
import { collectOnce } from './local/lean-heap.ts'
import { type Config, readConfig } from './local/config.ts'
import { daemonOptions } from './local/daemon/daemon-options.ts'
import { boundGuardLog } from './local/daemon/guard-log.ts'
import { notifySystemd } from './local/daemon/notify-systemd.ts'
import { watchGuard } from './local/guarded.ts'
import type { Options } from './local/options.ts'
import { slotOf } from './own/slots.ts'
import { pathsOf } from './state/paths.ts'

/** Runs BootAgent until it is told to stop, from outside or within; resolves with the exit code. Its agents go on without it. */
export async function run(options: Options, build: BuildInfo, main: string | undefined): Promise<number> {
  closeInherited()
  boundGuardLog(options.run)
  const config = readConfig(options.config)
  const log = openLogOf(options, config)
  const guard = watchGuard()
  const paths = pathsOf(options.home, options.run)
  const agent = await compose({
    paths,
    config,
    version: build.version,
    baked: build.servers,
    servers: options.servers,
    agentsn: options.agentsn,
    // Only where its guard waits for it, somebody starts the next one.
    own: { running: guard() === undefined ? undefined : await slotOf(paths), options: testOptions(options) },
    guard,
    worker: workerProgram(main),
    pidFile: options.pidFile,
    startedWith: daemonOptions(options),
    clock: systemClock,
    random: Math.random,
    log,
    listeners: [],
  })
  const stopped = signalled()
  await agent.start()
  const { identity, agents } = agent.metafile.read()
  log.info({ kind: 'in-control', agentsn: identity.agentsn, agents: Object.keys(agents).length, pid: process.pid }, 'in-control')
  await notifySystemd('ready', log)
  // A parent that put us in the background waits for this word and no longer.
  if (process.connected) process.send?.('in-control', () => process.disconnect())
  collectOnce()
  // And what the first report, and agents that were started, have left.
  setTimeout(collectOnce, SETTLED, true).unref()
  const code = await Promise.race([whenAborted(stopped).then(() => 0), agent.leaving, agent.ended.then(() => 0)])
  if (code === 0) await notifySystemd('stopping', log)
  await agent.stop()
  await agent.ended
  log.info({ code }, 'stopped; the agents go on')
  return code
}

/** Milliseconds after which a start is over. */
const SETTLED = 30_000

/** The same host, as another executable has to find it. */
function testOptions({ home, run: directory, config }: Options): readonly string[] {
  return ['--home', home, '--run', directory, ...(config === undefined ? [] : ['--config', config])]
}

function openLogOf({ level, log }: Options, config: Config): Log {
  try {
    return openLog({ level: level ?? config.level, ...(log === undefined ? {} : { file: log }) })
  } catch (error) {
    throw new BootAgentError('usage', `the log ${log} cannot be written: ${(error as Error).message}`, error)
  }
}

/** Aborted by the first TERM or INT; a second one ends us at once, as it would anyone. */
function signalled(): AbortSignal {
  const abort = new AbortController()
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => abort.abort())
  // A terminal that goes away, or a log that is moved, is no reason to stop.
  process.on('SIGHUP', () => undefined)
  return abort.signal
}
