import { ERRORS } from '@bootagent/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Fleet } from '../fleet.ts'
import { startPuppetFleet, startPuppetHost } from './puppet-host.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await startPuppetFleet()
})

afterAll(() => fleet.end())

test('an upgrade whose release never gets ready goes back, says that this was why, and one event tells it', async () => {
  const host = await startPuppetHost(fleet, 'patient')
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings: {} })).toMatchObject({ errcode: 0 })
  const before = host.metafile().agents['puppet']?.release

  const health = { kind: 'file', startup: 0.5, period: 0.1 } as const
  const upgrade = await host.deliver({ action: 'upgrade', version: '2.0.0', settings: { health } })
  expect(upgrade).toMatchObject({ state: 'failed', errcode: ERRORS['trial-failed'].errcode })
  expect(upgrade.message).toContain('not-ready')

  const { agents } = await host.told((seen) => seen.agents[0]?.version === '1.0.0' && seen.agents[0].status === 'running')
  expect(agents).toMatchObject([{ release: before, state: 'running', restarts: 0 }])
  const [back, killed, ...others] = await host.events()
  expect(back).toMatchObject({ category: 'agent-rolled-back', subject: 'puppet', message: expect.stringContaining('not-ready') })
  expect(killed).toMatchObject({ category: 'agent-killed', subject: 'puppet' })
  expect(others).toEqual([])
  expect(await host.event(back?.id ?? '')).toMatchObject({ extra: { to: before } })
  expect(await host.event(killed?.id ?? '')).toMatchObject({ extra: { cause: 'not-ready' } })
})

test('a release that failed its trial is remembered with what was seen of it, and refused until somebody forces it', async () => {
  const host = await startPuppetHost(fleet, 'once-bitten')
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings: {} })).toMatchObject({ errcode: 0 })
  const health = { kind: 'file', startup: 0.5, period: 0.1 } as const
  const upgrade = { action: 'upgrade', version: '2.0.0', settings: { health, envs: { MOOD: 'bad' } } } as const
  expect(await host.deliver(upgrade)).toMatchObject({ errcode: ERRORS['trial-failed'].errcode })

  const { agents } = await host.told(({ agents: [agent] }) => agent?.version === '1.0.0' && agent.status === 'running')
  const release = agents[0]?.failed?.[0] ?? ''
  expect(release).toMatch(/^2\.0\.0-/)
  const [failed, ...others] = host.metafile().failed['puppet'] ?? []
  expect(others).toEqual([])
  expect(failed).toMatchObject({ release, exits: [expect.stringContaining('not-ready')], lines: expect.arrayContaining(['up']) })
  const why = (await host.type('why', 'puppet')).data
  expect(why).toContain('Failed its trial here, and refused until a job forces it:')
  expect(why).toContain(`${release}  ${failed?.why}`)
  const back = (await host.events()).find(({ category }) => category === 'agent-rolled-back')
  expect(await host.event(back?.id ?? '')).toMatchObject({ extra: { from: release, tail: expect.arrayContaining(['up']) } })

  const again = await host.deliver(upgrade)
  expect(again.errcode).toBe(ERRORS['failed-before'].errcode)
  expect(again.message).toContain(`puppet ${release} failed its trial on`)
  expect(await host.end(await host.ask(upgrade, '--force'))).toMatchObject({ errcode: ERRORS['trial-failed'].errcode })
  // By other settings it may hold, and does.
  expect(await host.deliver({ ...upgrade, settings: {} })).toMatchObject({ errcode: 0 })
})

test('a release that gets ready in its time is kept; ready no longer, it is killed, and everybody hears why', async () => {
  const host = await startPuppetHost(fleet, 'well')
  const health = { kind: 'file', startup: 600, period: 0.1, failures: 1 } as const
  host.tell('ready')
  const settings = { health, restart: { delay: 3600 } }
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings })).toMatchObject({ errcode: 0 })
  expect((await host.type('why', 'puppet')).data).toMatch(/health +file: ready/)

  host.tell('unready')
  const { agents } = await host.told(({ agents: [agent] }) => agent?.cause !== undefined)
  expect(agents).toMatchObject([{ status: 'stoped', state: 'waiting', cause: 'unhealthy' }])
  expect(JSON.parse((await host.type('why', 'puppet', '--json')).data)).toMatchObject({
    cause: 'unhealthy',
    reason: agents[0]?.reason,
  })
  const [event, ...others] = await host.events()
  expect(event).toMatchObject({ category: 'agent-killed', message: expect.stringContaining('health') })
  expect(others).toEqual([])
})
