import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import { ERRORS } from '@bootagent/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fleet } from '../fleet.ts'
import { publishPuppet, type PuppetHost, startPuppetFleet, startPuppetHost } from './puppet-host.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await startPuppetFleet()
})

afterAll(() => fleet.end())

describe('settings are part of a release', () => {
  test('that break an agent are gone back from, and what it ran by before is back, files and all', async () => {
    const host = await startPuppetHost(fleet, 'careful')
    const first = { envs: { MOOD: 'good' }, files: { 'conf.d/mood': 'good\n' } }
    expect(await deliver(host, '1.0.0', first)).toMatchObject({ errcode: 0 })
    const before = releaseOf(host)

    const end = await deliver(host, '1.0.0', {
      run: { exec: 'no-such-program' },
      envs: { MOOD: 'bad' },
      files: { 'conf.d/mood': 'bad\n' },
    })
    expect(end).toMatchObject({ errcode: ERRORS['trial-failed'].errcode })

    const health = { kind: 'file', startup: 0.5, period: 0.1 } as const
    const never = await deliver(host, '1.0.0', { envs: { MOOD: 'bad' }, files: { 'conf.d/mood': 'bad\n' }, health })
    expect(never).toMatchObject({ errcode: ERRORS['trial-failed'].errcode })
    expect(never.message).toContain(`puppet is back at ${before.release}`)

    expect(releaseOf(host)).toEqual(before)
    await host.told(({ agents: [agent] }) => agent?.status === 'running' && agent.release === before.release)
    host.tell('read conf.d/mood')
    expect(await saidBy(host, 'told: read conf.d/mood')).toBe('good')
    expect(readFileSync(`${homeOf(host)}/config/conf.d/mood`, 'utf8')).toBe('good\n')
    expect(statSync(`${homeOf(host)}/config/conf.d/mood`).mode & 0o777).toBe(0o640)
  })

  test('go back with it when an operator goes back, and forward again', async () => {
    const host = await startPuppetHost(fleet, 'wavering')
    expect(await deliver(host, '1.0.0', { envs: { MOOD: 'good' } })).toMatchObject({ errcode: 0 })
    const [good, pid] = [releaseOf(host), host.metafile().agents['puppet']?.release]
    expect(await deliver(host, '1.0.0', { envs: { MOOD: 'better' } })).toMatchObject({ errcode: 0 })
    expect(releaseOf(host)).toMatchObject({ release: `${pid}.2`, envs: { MOOD: 'better' } })
    expect(await host.order('rollback', 'puppet')).toMatchObject({ errcode: 0 })
    expect(releaseOf(host)).toEqual(good)
    expect(await host.order('rollback', 'puppet', '--to', `${pid}.2`)).toMatchObject({ errcode: 0 })
    expect(releaseOf(host)).toMatchObject({ envs: { MOOD: 'better' } })
    // One package, unpacked once, whatever it is run by.
    expect(readdirSync(`${homeOf(host)}/releases`)).toEqual([pid])
    expect(readlinkSync(`${homeOf(host)}/current`)).toBe(`releases/${pid}`)
  })

  test('that are limits alone change while it runs, and go back while it runs', async () => {
    const host = await startPuppetHost(fleet, 'limited')
    expect(await deliver(host, '1.0.0', { limits: { pids: 50 } })).toMatchObject({ errcode: 0 })
    const pid = await pidOf(host)
    expect(await deliver(host, '1.0.0', { limits: { pids: 60 } })).toMatchObject({ errcode: 0 })
    expect(releaseOf(host).limits).toEqual({ pids: 60 })
    expect(await host.order('rollback', 'puppet')).toMatchObject({ errcode: 0 })
    expect(releaseOf(host).limits).toEqual({ pids: 50 })
    expect(await pidOf(host)).toBe(pid)
  })
})

test('the last three packages are kept, and what is left over is swept', { timeout: 240_000 }, async () => {
  const host = await startPuppetHost(fleet, 'hoarder')
  for (const version of ['3.0.0', '4.0.0']) await publishPuppet(fleet, version)
  for (const version of ['1.0.0', '2.0.0', '3.0.0', '4.0.0'])
    expect(await deliver(host, version, {})).toMatchObject({ errcode: 0 })
  await host.told(({ agents: [agent] }) => agent?.version === '4.0.0' && agent.status === 'running')
  const kept = Object.values(host.metafile().agents['puppet']?.releases ?? {}).map(({ version }) => version)
  expect(kept).toEqual(['2.0.0', '3.0.0', '4.0.0'])
  expect(await host.order('rollback', 'puppet', '--to', '2.0.0')).toMatchObject({ errcode: 0 })
  const gone = await host.order('rollback', 'puppet', '--to', '1.0.0')
  expect(gone).toMatchObject({
    errcode: ERRORS['no-previous'].errcode,
    message: expect.stringContaining('has no release 1.0.0 on this host'),
  })
  expect(readdirSync(`${homeOf(host)}/releases`)).toHaveLength(3)
})

function deliver(host: PuppetHost, version: string, settings: Parameters<PuppetHost['deliver']>[0]['settings']) {
  return host.deliver({ action: 'install', version, settings })
}

function homeOf(host: PuppetHost): string {
  return `${fleet.homeOf(host.agentsn)}/agents/puppet`
}

function releaseOf(host: PuppetHost) {
  const agent = host.metafile().agents['puppet']
  const release = agent?.release ?? ''
  return { release, ...agent?.releases[release] }
}

async function pidOf(host: PuppetHost): Promise<number | undefined> {
  return (await host.told(({ agents: [agent] }) => agent?.pid !== undefined)).agents[0]?.pid
}

/** The line it wrote behind another, once it is there. */
async function saidBy(host: PuppetHost, behind: string): Promise<string> {
  for (;;) {
    const lines = readFileSync(`${homeOf(host)}/log/output.log`, 'utf8').split('\n')
    const found = lines[lines.lastIndexOf(behind) + 1]
    if (lines.includes(behind) && found !== undefined && found !== '') return found
    await host.told(() => true)
    await host.daemon.nextLine(({ kind }) => kind === 'reported')
  }
}
