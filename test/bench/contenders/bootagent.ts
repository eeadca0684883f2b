import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { WrittenLimits } from '@bootagent/protocol'
import type { Paths } from '../../../packages/bootagent/src/state/paths.ts'
import { followLog, type LogTail } from '../measure/log-tail.ts'
import { sleepOf } from '../measure/processes-of.ts'
import { agentName, type Contender, environmentOf, numbers, type Stand, startDaemon } from './contender.ts'
import type { BootAgentProgram } from '../setup/bootagent-program.ts'
import { type PlantedAgent, plantHome, type Planting } from './home.ts'
import { openStubServer, type StubServer } from './stub-server.ts'

const MAIN = join(import.meta.dirname, '../../../packages/bootagent/src/main.ts')

/** A BootAgent, whatever its agents are. */
export interface BootAgentProcess {
  readonly paths: Paths
  readonly log: LogTail
  /** Starts it, or the next one of the same home; resolves once it is in control. */
  run(): Promise<void>
  pid(): number
  /** Reports its server has answered. */
  reports(): number
  /** Puts a job into the server's next answer. */
  give: StubServer['give']
  close(): Promise<void>
}

/** A host that was planted with these agents, and a server that answers it. It runs from the checkout where no executable is given. */
export async function openBootAgent(
  directory: string,
  {
    settings = {},
    executable,
    ...planting
  }: Omit<Planting, 'server'> & { readonly settings?: object; readonly executable?: string },
): Promise<BootAgentProcess> {
  const server = await openStubServer()
  const paths = plantHome(directory, { ...planting, server: server.address })
  const [config, output] = [`${directory}/bootagent.json`, `${directory}/bootagent.log`]
  // Not that of a BootAgent this machine may have.
  writeFileSync(config, JSON.stringify(settings))
  const log = followLog(output)
  let pid = 0
  return {
    paths,
    log,
    pid: () => pid,
    reports: () => server.reports(),
    give: server.give,
    async run() {
      const inControl = log.next('in-control', (line) => line.includes('"kind":"in-control"'))
      const [command, main] = executable === undefined ? [process.execPath, [MAIN]] : [executable, []]
      // As its guard starts it.
      const env = { ...environmentOf(directory), MALLOC_ARENA_MAX: '1', MALLOC_MMAP_THRESHOLD_: '65536' }
      pid = startDaemon({ command, args: [...main, '-f', '--home', paths.home, '-c', config], output, env })
      await inControl
    },
    async close() {
      log.close()
      await server.close()
    },
  }
}

/** A happening in BootAgent's log. */
export function tells(kind: string, name?: string): (line: string) => boolean {
  return (line) => line.includes(`"kind":"${kind}"`) && (name === undefined || line.includes(`"name":"${name}"`))
}

/** BootAgent as a contender; with limits, each agent is in control groups of its own where the host has them. */
export async function openBootAgentContender(
  { directory, agents }: Stand,
  program: BootAgentProgram,
  limits?: WrittenLimits,
): Promise<Contender> {
  const planted = numbers(agents).map((number): [string, PlantedAgent] => [
    agentName(number),
    // At once, as the others do it: its own policy would wait for three minutes.
    { program: '/bin/sleep', args: [sleepOf(number)], restart: { delay: 0 }, ...(limits === undefined ? {} : { limits }) },
  ])
  const bootagent = await openBootAgent(directory, { agents: Object.fromEntries(planted), executable: program.path })
  let pids: number[] = []
  async function run(): Promise<void> {
    const runs = (line: string) => tells('agent-started')(line) || tells('agent-adopted')(line)
    const all = bootagent.log.next('agent-started or agent-adopted', runs, { count: agents })
    const [lines] = await Promise.all([all, bootagent.run()])
    pids = lines.map((line) => (JSON.parse(line) as { pid: number }).pid)
  }
  return {
    name: limits === undefined ? 'BootAgent' : 'BootAgent, limits',
    version: program.version,
    directory,
    start: run,
    secure: () => Promise.resolve(),
    recover: run,
    daemon: bootagent.pid,
    noticesEnd: (agent) => bootagent.log.next('agent-exited', tells('agent-exited', agentName(agent))),
    inHand: () => Promise.resolve(pids),
    close: bootagent.close,
  }
}
