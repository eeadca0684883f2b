import process from 'node:process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Contender } from '../contenders/contender.ts'
import { agentNumber, processesOf } from './processes-of.ts'

/** What came of kill -9 of a daemon. */
export interface Recovery {
  /** From the start of the next daemon until it says that all agents run. */
  readonly recoverMs: number
  /** Agents' processes of before that are still there afterwards. */
  readonly survivors: number
  /** Those of them that the new daemon says are in its hands. */
  readonly adopted: number
  /** Agents of which two processes run afterwards. */
  readonly twice: number
}

/** Milliseconds until it says that all agents run. */
export async function timeStart(contender: Contender): Promise<number> {
  return time(contender.start)
}

/** Milliseconds from kill -9 of the agent's process to the line in the log that tells of it. */
export async function timeNotice(contender: Contender, agent: number): Promise<number> {
  const [pid] = agentsOf(contender).get(agent) ?? []
  if (pid === undefined) throw new Error(`${contender.name} does not run agent ${agent}`)
  return time(async () => {
    const noticed = contender.noticesEnd(agent)
    process.kill(pid, 'SIGKILL')
    await noticed
  })
}

/** Waits until all agents run again, kills the daemon, and no more than the daemon; then has the contender recover. */
export async function killAndRecover(contender: Contender, agents: number): Promise<Recovery> {
  await contender.secure()
  for (const until = performance.now() + 60_000; agentsOf(contender).size < agents; await sleep(20)) {
    if (performance.now() > until) throw new Error(`${contender.name} has not started its agents again after a minute`)
  }
  await sleep(SETTLING_MS)
  const before = new Set([...agentsOf(contender).values()].flat())
  const daemon = contender.daemon()
  process.kill(daemon, 'SIGKILL')
  while (processesOf(contender.directory).some(({ pid }) => pid === daemon)) await sleep(5)
  const recoverMs = await time(contender.recover)
  const after = [...agentsOf(contender).values()]
  const inHand = new Set(await contender.inHand())
  const survivors = after.flat().filter((pid) => before.has(pid))
  return {
    recoverMs,
    survivors: survivors.length,
    adopted: survivors.filter((pid) => inHand.has(pid)).length,
    twice: after.filter((pids) => pids.length > 1).length,
  }
}

/** For what a supervisor does once a process is there. */
const SETTLING_MS = 500

/** The living processes of each agent, by its number. */
function agentsOf({ directory }: Contender): Map<number, number[]> {
  const found = processesOf(directory).flatMap((each) => {
    const number = agentNumber(each)
    return number === undefined ? [] : [{ number, pid: each.pid }]
  })
  const grouped = Map.groupBy(found, ({ number }) => number)
  return new Map([...grouped].map(([number, all]) => [number, all.map(({ pid }) => pid)]))
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now()
  await work()
  return performance.now() - since
}
