import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Health, RestartSettings, Run, WrittenLimits } from '@bootagent/protocol'
import { clearGroups } from '../../../../scripts/demo/clear-groups.ts'
import { type AgentRecord, type Metafile, NEW_AGENT, newMetafile } from '../../src/state/metafile-schema.ts'
import { pathsOf, type Paths, treePath } from '../../src/state/paths.ts'

/** An agent of a test: a fixture, how it is called, and what is on record of it. */
export interface TestAgent {
  readonly fixture: string
  readonly args?: readonly string[]
  readonly restart?: RestartSettings
  readonly limits?: WrittenLimits
  readonly health?: Health
  /** Whose rights it has. */
  readonly rights?: Omit<Run, 'exec' | 'args'>
  readonly record?: Partial<AgentRecord>
}

/** A directory of its own that stands for a host, removed with every process that was started in it. */
export interface TestHost {
  readonly root: string
  readonly paths: Paths
  /** The pids of the living processes that carry this host's directory in their environment, whoever started them. */
  processes(): number[]
  remove(): Promise<void>
}

export const RELEASE = '1.0.0-aaaaaaaa'

export function createHost(): TestHost {
  const root = mkdtempSync(join(tmpdir(), 'supervise-'))
  const paths = pathsOf(`${root}/home`, `${root}/run`)
  for (const directory of [paths.home, paths.tmp, paths.run]) mkdirSync(directory, { recursive: true })
  return {
    root,
    paths,
    processes: () => processesWith(root),
    async remove() {
      await clearGroups(paths.home)
      // Those that were just forking are found the next time; what cannot die must not hold up the rest.
      for (let round = 0, left = processesWith(root); left.length > 0 && round < 100; left = processesWith(root), round += 1) {
        left.forEach(kill)
      }
      rmSync(root, { recursive: true, force: true })
    },
  }
}

/** Unpacks the fixtures as releases, and says so in a metafile. */
export function installAgents({ paths }: TestHost, agents: Readonly<Record<string, TestAgent>>): Metafile {
  const first = newMetafile({
    identity: { agentsn: 'test', source: 'given', machine: '', standing: 'claimed' },
    svrlist: '',
    step: 600,
  })
  const records = Object.entries(agents).map(([name, agent]) => [name, install(paths, name, agent)])
  return { ...first, agents: Object.fromEntries(records) }
}

function install(paths: Paths, name: string, { fixture, args, restart, limits, health, rights, record }: TestAgent): AgentRecord {
  const directory = treePath(paths, name, RELEASE)
  mkdirSync(directory, { recursive: true })
  const source = new URL(`./fixtures/${fixture}`, import.meta.url)
  if (fixture !== 'missing') {
    copyFileSync(source, `${directory}/${fixture}`)
    chmodSync(`${directory}/${fixture}`, statSync(source).mode)
  }
  const release = {
    version: '1.0.0',
    digest: 'a',
    run: { exec: fixture, args: [...(args ?? [])], ...rights },
    envs: {},
    limits: limits ?? {},
    restart: restart ?? {},
    ...(health === undefined ? {} : { health }),
  }
  return { ...NEW_AGENT, release: RELEASE, releases: { [RELEASE]: release }, ...record }
}

/** Asked of /proc and not of the code under test. */
function processesWith(root: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => read(`/proc/${name}/environ`).includes(`=${root}/run/agents/`))
    .map(Number)
}

/** Whether there is such a process, and it is not dead already and only waited for. */
export function isLiving(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`)
  return stat !== '' && !/\) [ZX] [^)]*$/.test(stat)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
