import { setTimeout as sleep } from 'node:timers/promises'
import { spawnSync } from 'node:child_process'
import process from 'node:process'
import { type BenchOptions, say } from './bench-options.ts'
import { startBareNode } from './contenders/bare-node.ts'
import { type BootAgentProcess, openBootAgent, tells } from './contenders/bootagent.ts'
import { agentName, numbers } from './contenders/contender.ts'
import { type Idle, observeIdle } from './measure/idle.ts'
import { median } from './measure/median.ts'
import { sleepOf } from './measure/processes-of.ts'
import { buildBootAgent } from './setup/bootagent-program.ts'
import { writeResidentPage } from './show/resident-page.ts'

/** What DESIGN allows BootAgent, in bytes and milliseconds. */
export const BUDGET = { rss: 60e6, anonymous: 17e6, firstReportMs: 250 }

/** The executable with one number of agents. */
export interface Resident extends Idle {
  readonly agents: number
  /** From its start to the first report that was answered: median. */
  readonly firstReportMs: number
}

export interface ResidentFindings {
  readonly version: string
  readonly residents: readonly Resident[]
  /** A Node that does nothing, in the same seconds, and how long one takes to start and end: median. */
  readonly bare: Idle
  readonly bareStartMs: number
  readonly idleSeconds: number
  readonly starts: number
}

const SIZES = [0, 10, 100]

/** What BootAgent's executable holds while nothing happens, and how soon it reports. True when all is within the budget. */
export async function resident(options: BenchOptions): Promise<boolean> {
  const program = buildBootAgent()
  const [idleSeconds, starts] = options.quick ? [10, 3] : [60, 15]
  const bareDirectory = options.room.place('bare-node')
  const bare = startBareNode(bareDirectory)
  const hosts = []
  for (const agents of SIZES) {
    const directory = options.room.place('resident')
    const bootagent = await openHost(directory, agents, program.path)
    const first = []
    for (let start = 0; start < starts; start += 1) first.push(await timeFirstReport(bootagent))
    hosts.push({ directory, bootagent, agents, firstReportMs: median(first) })
    say(`${agents} agents: first report after ${median(first).toFixed(0)} ms`)
  }
  const bareStartMs = median(Array.from({ length: starts }, timeBareStart))
  await sleep(SETTLING_MS)
  const subjects = hosts.map(({ directory, bootagent }) => ({ directory, daemon: bootagent.pid() }))
  const [floor, ...idle] = await observeIdle([{ directory: bareDirectory, daemon: bare }, ...subjects], idleSeconds)
  for (const { bootagent, directory } of hosts) {
    await bootagent.close()
    options.room.clear(directory)
  }
  options.room.clear(bareDirectory)
  const residents = hosts.flatMap(({ agents, firstReportMs }, index) => {
    const seen = idle[index]
    return seen === undefined ? [] : [{ agents, firstReportMs, ...seen }]
  })
  if (floor === undefined) throw new Error('there is no floor')
  const findings = { version: program.version, residents, bare: floor, bareStartMs, idleSeconds, starts }
  writeResidentPage(findings, options)
  return residents.every(isWithin)
}

/** Whether it keeps to what is allowed. */
export function isWithin({ daemon, firstReportMs }: Resident): boolean {
  return daemon.rss <= BUDGET.rss && daemon.anonymous <= BUDGET.anonymous && firstReportMs <= BUDGET.firstReportMs
}

/** What a start leaves to be done later is no part of being idle. */
const SETTLING_MS = 5000

function openHost(directory: string, agents: number, executable: string): Promise<BootAgentProcess> {
  const planted = numbers(agents).map((number) => [
    agentName(number),
    { program: '/bin/sleep', args: [sleepOf(number)], restart: { delay: 0 } },
  ])
  return openBootAgent(directory, { agents: Object.fromEntries(planted), executable })
}

/** Ends the one that runs, if one does, and starts it anew: its agents go on. */
async function timeFirstReport(bootagent: BootAgentProcess): Promise<number> {
  if (bootagent.pid() !== 0) {
    const stopped = bootagent.log.next('stopped', (line) => line.includes('"stopped; the agents go on"'))
    process.kill(bootagent.pid(), 'SIGTERM')
    await stopped
  }
  const reported = bootagent.log.next('reported', tells('reported'))
  const since = performance.now()
  await bootagent.run()
  await reported
  return performance.now() - since
}

function timeBareStart(): number {
  const since = performance.now()
  spawnSync(process.execPath, ['-e', '0'])
  return performance.now() - since
}
