import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer as createTcpServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { HostDetail, JobDetail, RestartSettings } from '@bootagent/protocol'
import type { Config } from 'bootagent'
import { run as runBootfleet } from 'bootfleet'
import { systemClock } from '@bootagent/runtime'
import { clearGroups } from '../scripts/demo/clear-groups.ts'
import { endAgentsOf } from '../scripts/demo/end-agents.ts'
import { type Program, startProgram } from '../scripts/demo/program.ts'

/** One directory with all that a test starts in it, and the operator's way to it. */
export interface Fleet {
  readonly directory: string
  readonly url: string
  /** The server's process; `kill` and `startServer` put another in its place, on the same data and port. */
  readonly server: Program
  restartServer(signal: 'SIGKILL' | 'SIGTERM', how?: ServerHow): Promise<void>
  /** What an operator types; resolves to what it printed, rejects when it exits with another code than 0. */
  bootfleet(...args: string[]): Promise<string>
  host(agentsn: string): Promise<HostDetail>
  job(id: string): Promise<JobDetail>
  /** Starts a BootAgent as a process of its own, known by that name, with what a test puts into its environment. */
  startHost(agentsn: string, env?: Readonly<Record<string, string>>, like?: HostLike): Program
  /** Where a host keeps what survives. */
  homeOf(agentsn: string): string
  /** Ends every process and deletes every file. */
  end(): Promise<void>
}

const ROOT = join(import.meta.dirname, '..')

/** How a server is started, besides where. */
export interface ServerHow {
  readonly env?: Readonly<Record<string, string>>
  readonly options?: readonly string[]
}

/** Starts a real server in a directory of its own. */
export async function startFleet(how: ServerHow = {}): Promise<Fleet> {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-test-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  let server = await startServer(directory, port, how)
  const hosts: Program[] = []
  const homes = new Set<string>()

  const fleet: Fleet = {
    directory,
    url,
    get server() {
      return server
    },
    async restartServer(signal, anew = how) {
      await server.stop(signal)
      server = await startServer(directory, port, anew)
    },
    async bootfleet(...args) {
      const said = { data: '', talk: '' }
      const code = await runBootfleet(args, {
        stdout: { write: (text) => (said.data += text) },
        stderr: { write: (text) => (said.talk += text) },
        env: { BOOTFLEET_SERVER: url, NO_COLOR: '1' },
        clock: systemClock,
        interrupt: new AbortController().signal,
      })
      if (code !== 0) throw new Error(`bootfleet ${args.join(' ')} exited with ${code}: ${said.talk}${said.data}`)
      return said.data
    },
    host: async (agentsn) => JSON.parse(await fleet.bootfleet('host', agentsn, '--json')) as HostDetail,
    job: async (id) => JSON.parse(await fleet.bootfleet('job', id, '--json')) as JobDetail,
    startHost(agentsn, env = {}, like = {}) {
      const host = startHost({ directory, agentsn, env, like: { servers: url, ...like } })
      hosts.push(host)
      homes.add(like.home ?? `${directory}/${agentsn}`)
      return host
    },
    homeOf: (agentsn) => `${directory}/${agentsn}`,
    async end() {
      // Also those a failed test has left behind: they would start again what is ended after them.
      for (const program of [...hosts, server]) await program.stop('SIGKILL')
      endAgentsOf(directory)
      for (const home of homes) await clearGroups(home)
      rmSync(directory, { recursive: true, force: true })
    },
  }
  return fleet
}

/**
 * The machine a host believes to be: `this one`; `without id`, so that its identity is drawn by chance; or `a clone` of this one under
 * another host name. The last two need root: each is played in namespaces of its own.
 */
type Machine = 'this one' | 'without id' | 'a clone'

/** What sets a host apart from the others. */
export interface HostLike {
  readonly machine?: Machine
  /** BootAgent's own main file, and the Node that runs it and its workers; the sources' and ours by default. */
  readonly main?: string
  readonly node?: string
  /** BootAgent's executable, in place of both. */
  readonly executable?: string
  /** Where it keeps what survives, and what does not survive a reboot, when that is not the fleet's own directory. */
  readonly home?: string
  readonly run?: string
  /** What it takes for its server; the fleet's own by default. */
  readonly servers?: string
  /** In seconds; goes over the fast pace of all. */
  readonly pace?: {
    readonly trial?: number
    readonly busy?: number
    readonly restart?: RestartSettings
    readonly limits?: Partial<Config['limits']>
  }
}

const ELSEWHERE: Readonly<Record<Exclude<Machine, 'this one'>, string>> = {
  'without id':
    'for f in /etc/machine-id /var/lib/dbus/machine-id /sys/class/dmi/id/product_uuid; do [ ! -e "$f" ] || mount --bind /dev/null "$f"; done; exec "$@"',
  'a clone': 'hostname a-clone; exec "$@"',
}

/** A pace at which a test need not wait: whatever a host waits for, it waits for milliseconds. */
const FAST_PACE = { step: 0.2, stepMin: 0.1, retry: 0.2, gap: 0.05, trial: 0.3, restart: { grace: 5 } }

interface HostStart {
  readonly directory: string
  readonly agentsn: string
  readonly env: Readonly<Record<string, string>>
  readonly like: HostLike & { readonly servers: string }
}

function startHost({ directory, agentsn, env, like }: HostStart): Program {
  const {
    machine = 'this one',
    node = process.execPath,
    main = 'packages/bootagent/src/main.ts',
    executable,
    home = `${directory}/${agentsn}`,
    servers,
    run,
  } = like
  const config = `${directory}/${agentsn}.config.json`
  writeFileSync(config, JSON.stringify({ ...FAST_PACE, ...like.pace }))
  const name = machine === 'without id' ? [] : ['--agentsn', machine === 'a clone' ? CLONED : agentsn]
  const places = ['--home', home, ...(run === undefined ? [] : ['--run', run])]
  const program = executable === undefined ? [node, main] : [executable]
  const bootagent = [...program, '-f', '-S', servers, ...places, '-c', config, ...name]
  const [command = '', ...args] =
    machine === 'this one' ? bootagent : ['unshare', '--mount', '--uts', 'sh', '-c', ELSEWHERE[machine], 'sh', ...bootagent]
  return startProgram(agentsn, {
    command,
    args,
    cwd: ROOT,
    output: `${directory}/${agentsn}.log`,
    env: { PATH: process.env['PATH'] ?? '', NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '', ...env },
  })
}

/** What every clone believes to be, and the machine it was cloned from with it. */
export const CLONED = 'cloned'

/** A port nobody listens on now; taken from the kernel, which gives it to the next who asks only after thousands of others. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createTcpServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}

async function startServer(directory: string, port: number, { env = {}, options = [] }: ServerHow): Promise<Program> {
  const server = startProgram('server', {
    command: process.execPath,
    args: ['packages/server/src/main.ts', '--listen', `127.0.0.1:${port}`, '--data', `${directory}/server`, ...options],
    cwd: ROOT,
    output: `${directory}/server.log`,
    env: { ...process.env, ...env } as Record<string, string>,
  })
  await server.line((line) => line['msg'] === 'listening')
  return server
}
