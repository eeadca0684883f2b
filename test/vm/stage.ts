import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import type { HostDetail, JobDetail, JobResult, StatusReport } from '@bootagent/protocol'
import { setTimeout as pause } from 'node:timers/promises'
import { type Listener, overhear } from '../faults/overhear.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { type DeafProxy, openDeafProxy } from '../own/deaf-proxy.ts'
import { createMachine, type Machine } from './machine/machine.ts'
import { MOUNT_SHELF, SHELF } from './machine/shelf.ts'
import { debOf, VERSIONS } from './packages/packages.ts'
import { RUN_DIRECTORY } from './run-directory.ts'

/** A server on this computer, a host in a machine, and somebody between them who remembers what the host has said. */
export interface Stage {
  readonly fleet: Fleet
  readonly machine: Machine
  /** What `-S` is given in the guest. */
  readonly server: string
  /** Words that silence who says them: whoever reports with one of them is answered by nobody. */
  readonly silenced: Set<string>
  /** Switches the host on, with the shelf in reach. */
  start(): Promise<void>
  /** Installs the .deb and begins. */
  install(): Promise<void>
  /** Tells an installed BootAgent its server, and starts it, at the pace of {@link PACE}; resolves when it has reported. */
  begin(): Promise<void>
  /** The host as its server knows it. */
  host(): Promise<HostDetail>
  /** What the server says of the job, once it has ended at the host. */
  ended(job: string): Promise<JobDetail['hosts'][number]>
  /** Resolves to what the host is known by as soon as that answers. */
  until(answers: (host: HostDetail) => boolean): Promise<HostDetail>
  /** Has an operator ask for a job by bootfleet's words, and answers its id. */
  order(...args: readonly string[]): Promise<string>
  /** Every result of the job that the host has told, each once; one, if it tells the truth. */
  results(job: string): readonly string[]
  /** The pid by which the guest knows the agent's process; throws when there is none. */
  pidOf(agent: string): Promise<number>
  end(): Promise<void>
}

/** Whether its agent has a process, as seen after that moment of the server's clock. One that is about to be its program is reported as running too. */
export function runsSince({ agents: [agent], seen = 0 }: HostDetail, moment: number): boolean {
  return seen > moment && agent?.status === 'running' && typeof agent.pid === 'number'
}

/** Seconds. A host at its own pace reports every ten minutes. */
export const PACE = { step: 2, stepMin: 1, retry: 2, gap: 0.5, trial: 3, ownTrial: 60 }

/** Where BootAgent's own options are read by its service. */
const OPTIONS = '/etc/bootagent/options'

/** `title` is the name of the console's log among those of a run. */
export async function openStage(title: string): Promise<Stage> {
  const fleet = await startFleet()
  const proxy = await openDeafProxy(fleet.url)
  const listener = await overhear(proxy.url, () => 0)
  const shelf = { file: join(RUN_DIRECTORY, 'shelf.img'), format: 'raw', readonly: true } as const
  const uuid = randomUUID()
  const machine = await createMachine({
    directory: fleet.directory,
    console: join(RUN_DIRECTORY, 'consoles', `${title}.log`),
    uuid,
    disks: [shelf],
  })
  return createStage({ fleet, proxy, listener, machine })
}

interface Cast {
  readonly fleet: Fleet
  readonly proxy: DeafProxy
  readonly listener: Listener
  readonly machine: Machine
}

function createStage({ fleet, proxy, listener, machine }: Cast): Stage {
  const server = `10.0.2.2:${new URL(listener.url).port}`

  const stage: Stage = {
    fleet,
    machine,
    server,
    silenced: proxy.forbidden,
    async start() {
      await machine.start()
      await machine.sh(MOUNT_SHELF)
    },
    async install() {
      await machine.sh(`apt-get install -qq -y ${SHELF}/${debOf(VERSIONS.first)}`)
      await stage.begin()
    },
    async begin() {
      await machine.sh(`cat >/etc/bootagent/bootagent.json <<'END'\n${JSON.stringify(PACE)}\nEND`)
      await machine.sh(`echo 'OPTIONS="-S ${server}"' >${OPTIONS}; systemctl enable --now bootagent`)
      await stage.until(({ seen }) => seen !== undefined)
    },
    host: () => fleet.host(machine.uuid),
    async ended(job) {
      for (;;) {
        const [host] = (await fleet.job(job)).hosts
        if (host !== undefined && ['succeeded', 'failed'].includes(host.state)) return host
        await pause(BETWEEN_LOOKS)
      }
    },
    async until(answers) {
      for (;;) {
        const host = await hostIfKnown(fleet, machine.uuid)
        if (host !== undefined && answers(host)) return host
        await pause(BETWEEN_LOOKS)
      }
    },
    async order(...args) {
      return (JSON.parse(await fleet.bootfleet(...args, '--host', machine.uuid, '--json')) as { id: string }).id
    },
    results: (job) => [...new Set(listener.heard.flatMap(({ body }) => resultsIn(body, job)))],
    async pidOf(agent) {
      const { agents } = JSON.parse(await machine.sh('bootagent status --json')) as { agents: { name: string; pid?: number }[] }
      const pid = agents.find(({ name }) => name === agent)?.pid
      if (pid === undefined) throw new Error(`${agent} does not run: ${JSON.stringify(agents)}`)
      return pid
    },
    async end() {
      await machine.end()
      listener.close()
      proxy.close()
      await fleet.end()
    },
  }
  return stage
}

/** In ms. The server is asked again and again; nothing depends on how often. */
const BETWEEN_LOOKS = 300

async function hostIfKnown(fleet: Fleet, agentsn: string): Promise<HostDetail | undefined> {
  const known = JSON.parse(await fleet.bootfleet('hosts', '--json')) as { hosts: { agentsn: string }[] }
  return known.hosts.some((host) => host.agentsn === agentsn) ? fleet.host(agentsn) : undefined
}

function resultsIn(body: unknown, job: string): string[] {
  const { jobs = [] } = body as Partial<StatusReport>
  return jobs.filter(({ id }: JobResult) => id === job).map((result) => JSON.stringify(result))
}
