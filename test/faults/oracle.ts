import { readdirSync, readFileSync } from 'node:fs'
import { readMetafile } from '../../packages/bootagent/src/state/metafile-schema.ts'
import type { Fleet } from '../fleet.ts'

/** Everything that can be known of one host after a fault, from the three sides that could disagree. */
export interface Truth {
  /** Hosts the server knows. */
  readonly hosts: readonly string[]
  /** What the server was told of the job. */
  readonly job: { readonly state: string; readonly errcode: number | undefined; readonly message: string | undefined }
  /** Agents as the server was last told: name, status, release. */
  readonly reported: readonly string[]
  /** Agents in the metafile: name, release, whether a trial is open. */
  readonly recorded: readonly string[]
  /** Releases on disk. */
  readonly releases: readonly string[]
  /** Living programs of its agents; more than one an agent is a double. */
  readonly processes: number
  /** What those are, by their command lines. */
  readonly running: readonly string[]
  /** Left in the place for work in progress. */
  readonly leftovers: readonly string[]
}

/** Compares nothing: it only looks. What must be true is said by the test. */
export async function lookAtTruth(fleet: Fleet, agentsn: string, job: string): Promise<Truth> {
  const home = fleet.homeOf(agentsn)
  const reading = readMetafile(readFileSync(`${home}/metafile.json`, 'utf8'))
  if (reading.kind !== 'ok') throw new Error(`the metafile of ${agentsn} is ${reading.kind}`)
  const hosts = JSON.parse(await fleet.bootfleet('hosts', '--json')) as { hosts: { agentsn: string }[] }
  const [host, detail] = [await fleet.host(agentsn), await fleet.job(job)]
  const running = lookAtProcesses(home).map(({ command }) => command)
  const told = detail.hosts.find((each) => each.agentsn === agentsn)
  return {
    hosts: hosts.hosts.map((each) => each.agentsn),
    job: { state: told?.state ?? 'none', errcode: told?.errcode, message: told?.message },
    reported: host.agents.map((each) => `${each.name} ${each.status} ${each.version}`),
    recorded: Object.entries(reading.metafile.agents).map(
      ([name, agent]) => `${name} ${agent.release}${agent.trial === null ? '' : ' on trial'}`,
    ),
    releases: Object.keys(reading.metafile.agents).flatMap((name) => readdirSync(`${home}/agents/${name}/releases`)),
    processes: running.length,
    running,
    leftovers: readdirSync(`${home}/tmp`),
  }
}

/** A living program of an agent. */
export interface AgentProcess {
  readonly pid: string
  readonly command: string
  readonly environment: Readonly<Record<string, string>>
}

/** Programs of the host's agents that are alive: processes with an agent's environment whose parent has none of it. */
export function lookAtProcesses(home: string): AgentProcess[] {
  const ours = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) =>
        read(`/proc/${pid}/environ`)
          .split('\0')
          .some((each) => each.startsWith(`BOOTAGENT_DATA=${home}/`)),
      )
      .map((pid) => [pid, read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? []] as const)
      .filter(([, [state = 'X']]) => !'ZX'.includes(state)),
  )
  return [...ours].filter(([, [, parent = '']]) => !ours.has(parent)).map(([pid]) => programOf(pid))
}

/** The process that is looked at is the shim where there is one; the agent is its child. */
function programOf(shim: string): AgentProcess {
  const child = read(`/proc/${shim}/task/${shim}/children`).split(' ')[0] ?? ''
  const pid = child === '' ? shim : child
  const environment = read(`/proc/${pid}/environ`)
    .split('\0')
    .map((each) => each.split(/=(.*)/s) as [string, string])
  return { pid, command: read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim(), environment: Object.fromEntries(environment) }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return ''
    throw error
  }
}
