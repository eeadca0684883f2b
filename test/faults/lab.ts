import { chmodSync } from 'node:fs'
import process from 'node:process'
import { type Fleet, type HostLike, startFleet } from '../fleet.ts'
import type { Line, Program } from '../../scripts/demo/program.ts'
import { bundle } from './bundle.ts'
import { type OwnLab, openOwnLab } from './own-lab.ts'
import { type Content, publishAll } from './packages.ts'
import { restoreHome, saveHome } from './saved-home.ts'

/** One server, its packages, a BootAgent that starts fast, and homes to begin from: what all cases share. */
export interface Lab {
  readonly fleet: Fleet
  /** What is in each version of `tiny`. */
  readonly contents: ReadonlyMap<string, Content>
  /** With nothing; with `tiny` 1.0.0; upgraded from that to 2.0.0. */
  readonly homes: Readonly<Record<Beginning, string | undefined>>
  /** Starts a host; `env` as for a fleet. */
  startHost(agentsn: string, env?: Readonly<Record<string, string>>, like?: HostLike): Program
  /** What upgrades of BootAgent itself take; made for the first who asks. */
  own(): Promise<OwnLab>
  end(): Promise<void>
}

export type Beginning = 'nothing' | 'first' | 'second'

export async function openLab(): Promise<Lab> {
  const fleet = await startFleet()
  try {
    // The worker gives up root before it reads the last of its files.
    chmodSync(fleet.directory, 0o755)
    const [contents, main] = await Promise.all([publishAll(fleet), bundle(`${fleet.directory}/bundle`)])
    const install = ['install', 'tiny', '--package-version', '1.0.0']
    const [first, second] = await Promise.all([
      saveHome(fleet, 'saved-first', [install]),
      saveHome(fleet, 'saved-second', [install, ['upgrade', 'tiny', '--package-version', '2.0.0']]),
    ])
    let own: Promise<OwnLab> | undefined
    return {
      fleet,
      contents,
      homes: { nothing: undefined, first, second },
      startHost: (agentsn, env = {}, like = {}) => fleet.startHost(agentsn, { ...ONE_THREAD, ...env }, { main, ...like }),
      own: () => (own ??= openOwnLab(fleet)),
      async end() {
        await (await own)?.end()
        await fleet.end()
      },
    }
  } catch (error) {
    await fleet.end()
    throw error
  }
}

/** strace counts calls by thread: with one thread for the disk, the n-th call is the n-th call. */
const ONE_THREAD = { UV_THREADPOOL_SIZE: '1', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '' }

/** Where a host begins, and how. */
interface Begin {
  readonly from: Beginning
  readonly like?: HostLike
  /** As for a fleet. */
  readonly env?: Readonly<Record<string, string>>
  /** Told when its home is there and it has not yet been started. */
  readonly onHome?: () => void
}

/** A host in the state that a story begins with, that its server knows, and whose agent runs if there is one. */
export async function beginHost(lab: Lab, agentsn: string, { from, like = {}, env = {}, onHome }: Begin): Promise<Program> {
  const saved = lab.homes[from]
  const { home = lab.fleet.homeOf(agentsn), servers = lab.fleet.url } = like
  if (saved !== undefined) restoreHome(saved, home, { agentsn, servers })
  onHome?.()
  const host = lab.startHost(agentsn, env, like)
  await Promise.all([
    host.line(isReport),
    saved === undefined ? undefined : host.line((line) => line['kind'] === 'agent-started'),
  ])
  return host
}

/** Orders what an operator orders, and answers the job's id. */
export async function order(lab: Lab, agentsn: string, request: readonly string[]): Promise<string> {
  return (JSON.parse(await lab.fleet.bootfleet(...request, '--host', agentsn, '--json')) as { id: string }).id
}

/** What the server was told of a job, once it was told; the host goes on until then, and for two reports more. */
export async function result(lab: Lab, host: Program, { agentsn, job }: { agentsn: string; job: string }): Promise<Told> {
  for (;;) {
    const found = (await lab.fleet.job(job)).hosts.find((each) => each.agentsn === agentsn)
    if (found !== undefined && ['succeeded', 'failed'].includes(found.state)) {
      await host.nextLine(isReport)
      await host.nextLine(isReport)
      return { state: found.state, errcode: found.errcode ?? -1, message: found.message ?? '' }
    }
    await host.nextLine((line) => isReport(line) || line['kind'] === 'not-reported')
  }
}

/** What the server was told of a job. */
export interface Told {
  readonly state: string
  readonly errcode: number
  readonly message: string
}

export function isReport(line: Line): boolean {
  return line['kind'] === 'reported'
}
