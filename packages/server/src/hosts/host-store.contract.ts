import { expect, test } from 'vitest'
import type { Stores } from '../stores.ts'
import type { Host, LastReport } from './host.ts'

/** What every {@link HostStore} promises; `make` gives empty stores. */
export function hostStoreContract(make: () => Promise<Stores>): void {
  test('a host that was added is found, and no other', async () => {
    const { hosts } = await make()
    await hosts.add(HOST)
    expect(await hosts.find('sn-1')).toEqual(HOST)
    expect(await hosts.find('sn-2')).toBeUndefined()
  })

  test('an agentsn is added once', async () => {
    const { hosts } = await make()
    await hosts.add(HOST)
    await expect(hosts.add(HOST)).rejects.toThrow()
  })

  test('all hosts come by hostname, then by agentsn', async () => {
    const { hosts } = await make()
    for (const [agentsn, hostname] of [
      ['3', 'b'],
      ['2', 'b'],
      ['1', 'c'],
      ['4', 'B'],
      ['5', 'a'],
    ] as const) {
      await hosts.add({ ...HOST, agentsn, hostname })
    }
    expect((await hosts.all()).map((host) => host.agentsn)).toEqual(['4', '5', '2', '3', '1'])
  })

  test('a report replaces the one before and leaves tags, machine and registration alone', async () => {
    const { hosts } = await make()
    await hosts.add(HOST)
    await hosts.saveReport('sn-1', REPORT)
    await hosts.saveReport('sn-1', { ...REPORT, seen: 200, agents: [] })
    const { hostname, version, platform } = REPORT
    expect(await hosts.find('sn-1')).toEqual({
      ...HOST,
      hostname,
      version,
      platform,
      report: { ...REPORT, seen: 200, agents: [] },
    })
  })

  test('a report without a platform leaves the one that is known', async () => {
    const { hosts } = await make()
    await hosts.add(HOST)
    await hosts.saveReport('sn-1', REPORT)
    await hosts.saveReport('sn-1', { ...REPORT, platform: undefined })
    expect((await hosts.find('sn-1'))?.platform).toEqual(REPORT.platform)
  })

  test('tags and machine change by themselves, and only for hosts that are there', async () => {
    const { hosts } = await make()
    await hosts.add({ ...HOST, machine: undefined })
    expect(await hosts.setTags('sn-1', 'svc=ecs')).toBe(true)
    expect(await hosts.setTags('sn-2', 'svc=ecs')).toBe(false)
    await hosts.claim({ agentsn: 'sn-1', machine: 'm-2' })
    expect(await hosts.find('sn-1')).toEqual({ ...HOST, tags: 'svc=ecs', machine: 'm-2' })
  })

  test('a renaming is remembered for that agentsn and that machine', async () => {
    const { hosts } = await make()
    await hosts.add(HOST)
    await hosts.add({ ...HOST, agentsn: 'sn-2' })
    const asked = { agentsn: 'sn-1', machine: 'm-2' }
    await hosts.addRenamed(asked, 'sn-2')
    expect(await hosts.findRenamed(asked)).toEqual({ ...HOST, agentsn: 'sn-2' })
    expect(await hosts.findRenamed({ ...asked, machine: 'm-3' })).toBeUndefined()
    expect(await hosts.findRenamed({ ...asked, agentsn: 'sn-2' })).toBeUndefined()
  })
}

const HOST: Host = { agentsn: 'sn-1', hostname: 'web-1', machine: 'm-1', tags: 'svc=a', version: 'v1', registered: 100 }

const REPORT: LastReport = {
  hostname: 'web-one',
  version: 'v2',
  platform: { os: 'linux', arch: 'arm64' },
  seen: 150,
  step: 60,
  agents: [{ name: 'metrics', version: '1.0', status: 'running', uptime: 5 }],
  features: ['wait'],
}
