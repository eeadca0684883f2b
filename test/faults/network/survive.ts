import { readFileSync } from 'node:fs'
import { hasEnded, isReport, order, publishTiny, until } from '../../delivery/stage.ts'
import { type Fleet, startFleet } from '../../fleet.ts'
import { lookAtTruth, type Truth } from '../oracle.ts'
import { type FaultProxy, openFaultProxy } from './fault-proxy.ts'
import type { NetworkCase, ServerKill } from './network-faults.ts'

/** It writes down each of its starts: an effect that came twice would show. */
const BODY = 'echo started >> "$BOOTAGENT_DATA/starts"; exec sleep 1000000'

/** A server with the agents that the cases install. */
export async function fleetForNetwork(): Promise<Fleet> {
  const fleet = await startFleet()
  for (const name of ['tiny', 'small']) await publishTiny(fleet, '1.0.0', { name, body: BODY })
  return fleet
}

/**
 * Installs by way of a proxy that does this, waits until it has done it, and looks at what came of it from every side. Answers what
 * does not hold; none when the host has survived.
 */
export async function survive(
  fleet: Fleet,
  name: string,
  { fault, at, times = 1, agents = ['tiny'] }: NetworkCase,
): Promise<string[]> {
  const agentsn = `net-${name.replaceAll(/[^a-z0-9]+/gi, '-').slice(-56)}`
  const proxy = await openFaultProxy(Number(new URL(fleet.url).port))
  const host = fleet.startHost(agentsn, {}, { servers: proxy.url })
  try {
    await host.line(isReport)
    const { jobs, befallen } = await giveJobs(fleet, proxy, { agentsn, agents, fault, at, times })
    // Before anybody asks the server, which may be down meanwhile; and a fault that did not happen proves nothing.
    await befallen
    for (const job of jobs) await until({ fleet, host, agentsn, job }, hasEnded)
    await host.nextLine(isReport)
    const problems: string[] = []
    for (const job of jobs) problems.push(...problemsIn(await lookAtTruth(fleet, agentsn, job), agents))
    return [...problems, ...agents.flatMap((agent) => startsOf(fleet, agentsn, agent))]
  } finally {
    await host.stop()
    await proxy.close()
  }
}

/** The same with a server of its own, which is killed in that exchange and started again. */
export async function surviveKill(name: string, { point, at }: ServerKill): Promise<string[]> {
  const fleet = await fleetForNetwork()
  let died = ''
  const before = () => fleet.restartServer('SIGTERM', { env: { BOOTAGENT_CRASH_AT: point } })
  const gone = async () => {
    died = await fleet.server.ended
    await fleet.restartServer('SIGKILL')
  }
  try {
    const problems = await survive(fleet, name, { fault: { before, gone }, at })
    return died.includes('SIGKILL') ? problems : [...problems, `the server was not killed at ${point}`]
  } finally {
    await fleet.end()
  }
}

/** Gives all jobs before the next report, with the fault in wait for it. */
function giveJobs(
  fleet: Fleet,
  proxy: FaultProxy,
  { agentsn, agents = [], fault, at, times = 1 }: NetworkCase & { agentsn: string },
): Promise<{ jobs: string[]; befallen: Promise<void> }> {
  return proxy.whilePaused(async () => {
    const jobs: string[] = []
    for (const agent of agents) jobs.push(await order(fleet, 'install', agent, '--host', agentsn))
    return { jobs, befallen: proxy.arm(fault, { at, times }) }
  })
}

function problemsIn(truth: Truth, agents: readonly string[]): string[] {
  const { job, reported, processes, leftovers } = truth
  const wanted = agents.map((agent) => `${agent} running 1.0.0`).toSorted()
  return [
    ...(job.state === 'succeeded' && job.errcode === 0 ? [] : [`the job is ${job.state} (${job.errcode}): ${job.message}`]),
    ...(reported.toSorted().join() === wanted.join() ? [] : [`the server was told of ${reported.join(', ') || 'no agent'}`]),
    ...(processes === agents.length ? [] : [`${processes} processes run`]),
    ...(leftovers.length === 0 ? [] : [`left over: ${leftovers.join(', ')}`]),
  ]
}

function startsOf(fleet: Fleet, agentsn: string, agent: string): string[] {
  const starts = readFileSync(`${fleet.homeOf(agentsn)}/agents/${agent}/data/starts`, 'utf8')
    .trim()
    .split('\n').length
  return starts === 1 ? [] : [`${agent} was started ${starts} times`]
}
