import { existsSync, watch } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { silentLog } from '@bootagent/runtime'
import { createJumpClock, type JumpClock } from '@bootagent/runtime/testing'
import { onTestFinished } from 'vitest'
import { createProbe } from '../../src/health/probe.ts'
import type { LimitsDriver } from '../../src/limits/driver.ts'
import { createNone } from '../../src/limits/none.ts'
import { type MetafileStore, openMetafile } from '../../src/state/metafile.ts'
import { createLedger } from '../../src/supervise/ledger.ts'
import { DEFAULT_POLICY } from '../../src/supervise/restart-policy.ts'
import { createSupervisor, type Supervisor } from '../../src/supervise/supervisor.ts'
import { createHost, installAgents, isLiving, type TestAgent, type TestHost } from './host.ts'
import { createNews, type News } from './news.ts'

/** A supervisor on a host of its own, with what it announces. */
export interface Stage extends Omit<News, 'tell'> {
  readonly host: TestHost
  readonly supervisor: Supervisor
  readonly metafile: MetafileStore
  readonly clock: JumpClock
}

export interface StageSettings {
  readonly agents: Readonly<Record<string, TestAgent>>
  readonly environment?: (host: TestHost) => Readonly<Record<string, string>>
  /** The host of an earlier stage, with the metafile it was left with. */
  readonly after?: Stage
  /** One that jumps, by default. */
  readonly clock?: JumpClock
  /** None that holds anything, by default. */
  readonly driver?: (host: TestHost) => LimitsDriver
  /** Changes the host before anything runs on it. */
  readonly before?: (host: TestHost) => void
}

/** Sets the stage and starts the service. Everything on it is gone when the test is over. */
export async function setStage(settings: StageSettings): Promise<Stage> {
  const stage = prepareStage(settings)
  await stage.supervisor.service.start()
  return stage
}

/** Sets the stage, and leaves it to the test to start the service. */
export function prepareStage({ agents, environment, after, ...settings }: StageSettings): Stage {
  const host = after?.host ?? createHost()
  const metafile = openMetafile(host.paths, after?.metafile.read() ?? installAgents(host, agents))
  const clock = settings.clock ?? after?.clock ?? createJumpClock()
  settings.before?.(host)
  const news = createNews()
  const supervisor = createSupervisor({
    paths: host.paths,
    ledger: createLedger(metafile, silentLog),
    clock,
    random: () => 0.5,
    log: silentLog,
    settings: DEFAULT_POLICY,
    environment: () => environment?.(host) ?? { PATH: '/usr/bin:/bin' },
    driver: settings.driver?.(host) ?? createNone('this test asks for no control groups'),
    probe: createProbe(clock),
    announce: news.tell,
  })
  onTestFinished(async () => {
    await supervisor.service.stop()
    if (after === undefined) await host.remove()
  })
  return { host, supervisor, metafile, clock, hear: news.hear, heard: news.heard }
}

/** Resolves when the file is there. */
export async function fileThere(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await new Promise<void>((resolve) => {
    const watcher = watch(dirname(path), look)
    function look(): void {
      if (!existsSync(path)) return
      watcher.close()
      resolve()
    }
    look()
  })
}

/** Kills everything that was started on the host, and resolves when it is dead. */
export async function killAll(host: TestHost): Promise<void> {
  const pids = host.processes()
  pids.forEach((pid) => process.kill(pid, 'SIGKILL'))
  // One that is on its way out has given back its environment, by which it is found, some time before it is dead.
  while (pids.some(isLiving) || host.processes().length > 0) await nextTurn()
}
