import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'
import type { DaemonPicture, HostPicture } from '../../../src/control/picture.ts'
import { findGuard } from '../../../src/local/daemon/find-guard.ts'
import { findLockHolder } from '../../../src/local/lock-holder.ts'
import { ask, createHostWith, type HostLike, type Typed } from '../../control/daemon.ts'
import type { TestAgent, TestHost } from '../../supervise/host.ts'

const ROOT = join(import.meta.dirname, '../../../../..')
const MAIN = join(ROOT, 'packages/bootagent/src/main.ts')

/** A host whose BootAgent is started, stopped and kept by what is typed at it. */
export interface KeptHost extends TestHost {
  readonly pidFile: string
  type(...args: string[]): Promise<Typed>
  /** `start` with the host's configuration; throws what it said when it fails. */
  start(...args: string[]): Promise<Typed>
  daemon(): Promise<DaemonPicture>
  status(): Promise<HostPicture>
  /** The pids of the agents' processes, by name. */
  agents(): Promise<Record<string, number | undefined>>
}

/** Ended with the test, whatever became of it. */
export function createKeptHost(agents: Readonly<Record<string, TestAgent>>, like: HostLike = {}): KeptHost {
  const host = createHostWith(agents, like)
  onTestFinished(() => endAll(host))
  const places = ['--home', host.paths.home, '--run', host.paths.run]
  const type = (...args: string[]) => typed(process.execPath, [MAIN, ...args, ...places])

  async function get<Answer>(path: string): Promise<Answer> {
    return JSON.parse((await ask(host.paths.control, 'GET', path)).body) as Answer
  }

  return {
    ...host,
    pidFile: `${host.paths.run}/bootagent.pid`,
    type,
    async start(...args) {
      const said = await type('start', '-c', `${host.root}/config.json`, ...args)
      if (said.code !== 0) throw new Error(`start ended with ${said.code}: ${said.talk}`)
      return said
    },
    daemon: () => get('/daemon'),
    status: () => get('/status'),
    agents: async () => Object.fromEntries((await get<HostPicture>('/status')).agents.map(({ name, pid }) => [name, pid])),
  }
}

/** Runs a command to its end, with a guard that does not pause long. What it says only when the machine is slow is left out. */
export async function typed(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Typed> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'] ?? '',
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
      BOOTAGENT_GUARD_PAUSE: '0.2',
      ...env,
    },
  })
  const exited = once(child, 'exit')
  const [data, talk] = await Promise.all([text(child.stdout), text(child.stderr)])
  const [code] = (await exited) as [number | null]
  return { code, data, talk: talk.replaceAll(/^bootagent: waiting; .*\n/gm, '') }
}

/** Resolves when it is so; the test's own time ends it otherwise. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Whether such a process lives; asked of /proc and not of the code under test. */
export function lives(pid: number | undefined): boolean {
  const stat = `/proc/${pid}/stat`
  return pid !== undefined && existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'latin1'))
}

/** A process that has nothing to do with BootAgent. */
export function stranger(): number {
  const child = spawn('sleep', ['1000000'], { stdio: 'ignore' })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child.pid ?? 0
}

/** The guard first: it would start another. */
async function endAll({ paths }: TestHost): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    const pids = [findGuard(paths.home)?.pid, findLockHolder(paths.lock)].filter((pid) => pid !== undefined)
    if (pids.length === 0) return
    for (const pid of pids) kill(pid)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
