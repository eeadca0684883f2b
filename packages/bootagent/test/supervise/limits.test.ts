import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import process from 'node:process'
import type { WrittenLimits } from '@bootagent/protocol'
import { realClock } from '@bootagent/runtime/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { chooseDriver } from '../../src/limits/choose-driver.ts'
import { groupKey } from '../../src/limits/group-key.ts'
import type { LimitsDriver } from '../../src/limits/driver.ts'
import { changeAgent } from '../../src/state/metafile-schema.ts'
import { agentPaths } from '../../src/state/paths.ts'
import { readStat } from '../../src/supervise/process-identity.ts'
import { RELEASE, type TestHost } from './host.ts'
import { type Stage, setStage } from './stage.ts'

const held = chooseDriver({ key: '00000000' })

// What the kernel holds and counts is the same on every host with control groups; a host without them has nothing to show here.
describe.skipIf(!held.tracks)(`on a host with ${held.kind}`, () => {
  test('an agent over its memory is killed by the kernel, and is told to have been', async () => {
    const { hear, metafile, supervisor } = await setGroups({ fixture: 'hogs-memory', limits: { memory: '16M' } })
    const { exit } = await hear('agent-exited')
    expect(exit).toMatchObject({ cause: 'oom', abnormal: true, signal: 'SIGKILL' })
    await hear('agent-waiting')
    expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'waiting', cause: 'oom' })
    expect(metafile.read().events).toMatchObject([{ category: 'agent-killed', subject: 'metrics', extra: { cause: 'oom' } }])
  })

  test('an agent that lost a child to its memory limit goes with it', async () => {
    const { hear, host, driver, supervisor } = await setGroups({ fixture: 'starts-a-hog', limits: { memory: '16M' } })
    const { attempt } = await hear('agent-started')
    await until(() => (driver.reckon({ agent: 'metrics', attempt })?.oomKills ?? 1) > 0)
    await supervisor.lookAgain('metrics')
    const { exit } = await hear('agent-exited')
    expect(exit).toMatchObject({ cause: 'oom', abnormal: true })
    expect(host.processes()).toEqual([])
  })

  test('killed for its memory while nobody was there: the next one learns of it', async () => {
    const first = await setGroups({ fixture: 'hogs-memory', args: ['go'], limits: { memory: '16M' } })
    const { attempt } = await first.hear('agent-started')
    await first.supervisor.service.stop()
    writeFileSync(`${agentPaths(first.host.paths, 'metrics').data}/go`, '')
    await until(() => first.host.processes().length === 0)
    const { hear, metafile } = await setStage({ agents: {}, after: first, driver: () => first.driver })
    await hear('agent-waiting')
    expect(metafile.read().agents['metrics']?.exits).toMatchObject([{ attempt, cause: 'oom', abnormal: true }])
  })

  test('forks beyond the limit of processes are refused, and a stop leaves none', async () => {
    const { hear, host, driver, supervisor } = await setGroups({ fixture: 'forks-on', limits: { pids: 20 } })
    const { attempt } = await hear('agent-started')
    const group = { agent: 'metrics', attempt }
    await until(() => (driver.reckon(group)?.forksRefused ?? 1) > 0)
    expect(driver.processes(group).length).toBeLessThanOrEqual(20)
    expect(await supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
    expect(host.processes()).toEqual([])
  })

  test('the share of a core is held by the kernel', async () => {
    const { hear, driver } = await setGroups({ fixture: 'burns-cpu', limits: { CPU: '10%' } })
    const { attempt } = await hear('agent-started')
    await until(() => (driver.reckon({ agent: 'metrics', attempt })?.throttled ?? 1) > 3)
    expect(driver.reckon({ agent: 'metrics', attempt })?.throttled).toBeGreaterThan(0)
  })

  test('a stop reaches what has left its session, its environment and its parent behind', async () => {
    const { hear, driver, supervisor } = await setGroups({ fixture: 'hides-whole', restart: { grace: 0 } })
    const { attempt } = await hear('agent-started')
    const group = { agent: 'metrics', attempt }
    await until(() => driver.processes(group).length >= 4)
    const pids = driver.processes(group)
    expect(await supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
    expect(pids.filter(isAlive)).toEqual([])
  })

  test('what is left of an attempt is ended before there is a next one', async () => {
    const { hear, driver, supervisor } = await setGroups({ fixture: 'hides-whole', restart: { grace: 0 } })
    const { attempt, pid } = await hear('agent-started')
    const group = { agent: 'metrics', attempt }
    await until(() => driver.processes(group).length >= 4)
    const pids = driver.processes(group)
    process.kill(pid, 'SIGKILL')
    await hear('agent-exited')
    expect(await supervisor.start('metrics')).toMatchObject({ kind: 'running' })
    expect(pids.filter(isAlive)).toEqual([])
  })

  test('limits change without a restart', async () => {
    const { hear, driver, supervisor, metafile } = await setGroups({ fixture: 'burns-cpu', limits: { CPU: '100%' } })
    const { attempt, pid } = await hear('agent-started')
    await metafile.update(relimit({ CPU: '5%', memory: '64M', nofile: 64 }))
    await supervisor.applyLimits('metrics')
    expect(supervisor.limitsOf('metrics')).toEqual({ limits: { CPU: '5%', memory: '64M', nofile: 64 }, unapplied: [] })
    await until(() => (driver.reckon({ agent: 'metrics', attempt })?.throttled ?? 1) > 0)
    expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'running', pid })
    expect(readFileSync(`/proc/${pid}/limits`, 'utf8')).toMatch(/Max open files +64 +64/)
  })

  test('limits changed while nobody was there are in force once it is adopted', async () => {
    const first = await setGroups({ fixture: 'runs-forever' })
    const { pid } = await first.hear('agent-started')
    await first.supervisor.service.stop()
    await first.metafile.update(relimit({ pids: 7 }))
    const { supervisor, hear } = await setStage({ agents: {}, after: first, driver: () => first.driver })
    expect(await hear('agent-adopted')).toMatchObject({ pid })
    expect(supervisor.limitsOf('metrics')).toEqual({ limits: { pids: 7 }, unapplied: [] })
  })

  // As of a BootAgent that held none, or met a full disk: what nobody has looked at must not be called held.
  test('an adopted agent of whose limits nothing is written down is put under them', async () => {
    const first = await setGroups({ fixture: 'runs-forever', limits: { pids: 7 } })
    const { attempt } = await first.hear('agent-started')
    await first.supervisor.service.stop()
    rmSync(`${agentPaths(first.host.paths, 'metrics').attempts}/${attempt}/limits.json`)
    const { supervisor } = await setStage({ agents: {}, after: first, driver: () => first.driver })
    expect(supervisor.limitsOf('metrics')).toEqual({ limits: { pids: 7 }, unapplied: [] })
  })

  test('an adopted agent without a group is said not to be held', async () => {
    const first = await setStage({ agents: { metrics: { fixture: 'runs-forever', limits: { pids: 7 } } }, clock: realClock() })
    const { attempt } = await first.hear('agent-started')
    await first.supervisor.service.stop()
    rmSync(`${agentPaths(first.host.paths, 'metrics').attempts}/${attempt}/limits.json`)
    const driver = chooseDriver({ key: groupKey(first.host.paths.home) })
    const { supervisor } = await setStage({ agents: {}, after: first, driver: () => driver })
    const said = expect.objectContaining({ limit: 'pids', why: expect.stringContaining('ENOENT') })
    expect(supervisor.limitsOf('metrics')?.unapplied).toEqual(expect.arrayContaining([said]))
  })

  test('the shim killed with KILL: the end of its agent is still learned at once, and how it ended is not made up', async () => {
    const { hear, host, metafile } = await setGroups({ fixture: 'runs-forever' })
    const { pid } = await hear('agent-started')
    const shim = host.processes().find((each) => each !== pid) ?? 0
    process.kill(shim, 'SIGKILL')
    process.kill(pid, 'SIGKILL')
    const { exit } = await hear('agent-exited')
    expect(exit).toMatchObject({ cause: 'lost', abnormal: true })
    expect([exit.code, exit.signal]).toEqual([undefined, undefined])
    expect(metafile.read().events).toMatchObject([{ category: 'agent-exit', extra: { cause: 'lost' } }])
  })

  test('an agent that is gone leaves no group behind', async () => {
    const { hear, driver, supervisor, metafile } = await setGroups({ fixture: 'runs-forever' })
    await hear('agent-started')
    await supervisor.stop('metrics')
    await metafile.update((current) => ({ ...current, agents: {} }))
    await supervisor.lookAgain('metrics')
    await until(() => driver.attemptsOf('metrics').length === 0)
  })
})

interface Grouped {
  readonly fixture: string
  readonly args?: readonly string[]
  readonly limits?: WrittenLimits
  readonly restart?: { readonly grace: number }
}

/** A stage whose agents are in control groups of its own, and time is the host's. */
async function setGroups(agent: Grouped): Promise<Stage & { driver: LimitsDriver }> {
  const driverOf = (host: TestHost) => chooseDriver({ key: groupKey(host.paths.home) })
  const stage = await setStage({ agents: { metrics: agent }, clock: realClock(), driver: driverOf })
  const driver = driverOf(stage.host)
  // Also what has no tag to be found by.
  onTestFinished(() => {
    for (const attempt of driver.attemptsOf('metrics')) driver.kill({ agent: 'metrics', attempt })
  })
  return { ...stage, driver }
}

function relimit(limits: WrittenLimits) {
  return changeAgent('metrics', (agent) => {
    const release = agent.releases[RELEASE]
    return release === undefined ? agent : { ...agent, releases: { [RELEASE]: { ...release, limits } } }
  })
}

function isAlive(pid: number): boolean {
  const stat = readStat(pid)
  return stat !== undefined && stat.state !== 'Z'
}

/** The kernel tells nobody when it has counted. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await pause(20)
}
