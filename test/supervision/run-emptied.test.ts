import { readdirSync, rmSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { lookAtProcesses } from '../faults/oracle.ts'
import { type Fleet, type HostLike, startFleet } from '../fleet.ts'
import { type PuppetHost, publishPuppet, startPuppetHost } from './puppet-host.ts'

/** Looked at often: nobody tells a BootAgent that its files are gone. */
const OFTEN: HostLike = { pace: { restart: { grace: 5, check: 0.2 } } }

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  await publishPuppet(fleet, '1.0.0')
})

afterAll(() => fleet.end())

// What is in /run names the processes; without it they can be found, and no longer be told apart from remains of something else.
describe.each([
  ['under a running BootAgent', async (host: PuppetHost) => emptyRun(host)],
  [
    'while BootAgent is away',
    async (host: PuppetHost) => {
      await host.kill()
      emptyRun(host)
      await host.start()
    },
  ],
])('/run emptied %s', (when, empty) => {
  test('its agent is found without it, ended, and started once; never is there a second beside it', async () => {
    const host = await startPuppetHost(fleet, when.replaceAll(' ', '-'), OFTEN)
    const settings = { restart: { delay: 3600 } }
    expect(await host.deliver({ action: 'install', version: '1.0.0', settings })).toMatchObject({ errcode: 0 })
    const [before] = (await host.told(({ agents: [agent] }) => agent?.status === 'running')).agents
    const home = fleet.homeOf(host.agentsn)
    const counts = watchCounts(home)

    await empty(host)
    const { agents } = await host.told(({ agents: [agent] }) => agent?.pid !== undefined && agent.pid !== before?.pid)
    expect(agents).toMatchObject([{ status: 'running', state: 'running' }])
    expect(Math.max(...counts())).toBe(1)
    expect(lookAtProcesses(home).length).toBe(1)
    // Nobody saw it end by itself, so nobody says that it did.
    expect(host.metafile().agents['puppet']).toMatchObject({ strikes: 0, fatal: false })
  })
})

function emptyRun(host: PuppetHost): void {
  const run = `${fleet.homeOf(host.agentsn)}/run`
  for (const name of readdirSync(run)) rmSync(`${run}/${name}`, { recursive: true, force: true })
}

/** How many there have been, looked at again and again until it is asked. */
function watchCounts(home: string): () => number[] {
  const counts: number[] = []
  const timer = setInterval(() => counts.push(lookAtProcesses(home).length), 20)
  onTestFinished(() => clearInterval(timer))
  return () => counts
}
