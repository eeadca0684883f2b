import { DatabaseSync } from 'node:sqlite'
import { ERRORS, type HostDetail } from '@bootagent/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '../../packages/bootagent/test/control/daemon.ts'
import type { HostPicture } from '../../packages/bootagent/src/control/picture.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { heldTo, holdsLimits } from './kernel-limits.ts'
import { type PuppetHost, publishPuppet, startPuppetHost } from './puppet-host.ts'

const LIMITS = { CPU: '10%', memory: '20M' }
/** Once it has ended it stays so until somebody starts it; and then until it is given up there is no pause. */
const [LATER, AT_ONCE] = [{ delay: 3600 }, { delay: 0 }]

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  await publishPuppet(fleet, '1.0.0')
})

afterAll(() => fleet.end())

describe.runIf(holdsLimits())('on a host whose kernel holds limits', () => {
  test('killed for its memory: the server, its operator and the operator at the host hear the same, and one event tells it', async () => {
    const host = await startPuppetHost(fleet, 'hungry')
    expect(await install(host, { limits: LIMITS, restart: LATER })).toMatchObject({ state: 'succeeded', errcode: 0 })
    host.tell('hog')
    const { agents } = await host.told(hasStatus('killed'))
    expect(agents).toMatchObject([{ status: 'killed', state: 'waiting', cause: 'oom' }])

    const why = JSON.parse((await host.type('why', 'puppet', '--json')).data) as HostPicture['agents'][number]
    expect(why).toMatchObject({ status: 'killed', state: 'waiting', cause: 'oom', reason: agents[0]?.reason, strikes: 1 })
    expect((await host.type('why', 'puppet')).data).toMatch(/^puppet is killed, waiting: .*memory/)
    expect((await host.type('status')).data).toMatch(/puppet .*killed/)
    expect(await fleet.bootfleet('host', 'hungry')).toMatch(/puppet +1\.0\.0 +killed .*\[oom\]/)

    const events = await host.events('--category', 'agent-killed')
    expect(events).toMatchObject([{ subject: 'puppet', category: 'agent-killed' }])
    const { extra } = await host.event(events[0]?.id ?? '')
    expect(extra).toMatchObject({ cause: 'oom', tail: expect.arrayContaining(['up', 'told: hog ']) })
    expect(await fleet.bootfleet('event', events[0]?.id ?? '', '--host', 'hungry')).toContain('told: hog')
  })

  test('given up after four of them, everybody says fatal; an operator at the host brings it back, and the server hears of that', async () => {
    const host = await startPuppetHost(fleet, 'hopeless')
    await install(host, { limits: LIMITS, restart: AT_ONCE })
    host.tell('hog', 'hog', 'hog', 'hog')
    const { agents } = await host.told(hasStatus('fatal'))
    expect(agents).toMatchObject([{ status: 'fatal', cause: 'oom', restarts: 3 }])
    expect(JSON.parse((await host.type('status', '--json')).data)).toMatchObject({
      agents: [{ status: 'fatal', fatal: true, strikes: 4, reason: agents[0]?.reason, cause: 'oom' }],
    })
    expect((await host.type('why', 'puppet')).data).toMatch(/^puppet is fatal: 4 failures in a row/)
    expect((await host.events()).map(({ category }) => category)).toEqual([
      'agent-fatal',
      ...['agent-killed', 'agent-killed', 'agent-killed', 'agent-killed'],
    ])

    expect(await host.type('reset', 'puppet')).toMatchObject({ code: 0, talk: '' })
    expect((await host.told(hasStatus('running'))).agents).toMatchObject([{ state: 'running', restarts: 3 }])
    const [order] = await host.events('--category', 'operator-order')
    expect(order).toMatchObject({ subject: 'puppet', message: expect.stringContaining('asked to reset puppet') })
  })

  test('other limits by a second job of the same release: the same process, under the new figures', async () => {
    const host = await startPuppetHost(fleet, 'tightened')
    await install(host, { limits: LIMITS, restart: LATER })
    const { pid = 0 } = (await host.told(hasStatus('running'))).agents[0] ?? {}
    expect(heldTo(pid)).toEqual({ memory: 20 * 1024 ** 2, cpuPercent: 10 })

    expect(await install(host, { limits: { CPU: '25%', memory: '30M' }, restart: LATER })).toMatchObject({ errcode: 0 })
    expect(heldTo(pid)).toEqual({ memory: 30 * 1024 ** 2, cpuPercent: 25 })
    expect((await host.told(hasStatus('running'))).agents).toMatchObject([{ pid, restarts: 0 }])
    const limits = [
      { limit: 'CPU', value: '25%', how: 'enforced' },
      { limit: 'memory', value: '30M', how: 'enforced' },
    ]
    expect(JSON.parse((await host.type('why', 'puppet', '--json')).data)).toMatchObject({ pid, limits })
    expect(await host.events()).toEqual([])
  })
})

test('what an agent uses is told to the server, to the operator at the host, and to Prometheus', async () => {
  const host = await startPuppetHost(fleet, 'measured')
  await install(host, { restart: LATER })
  // A process that has only just been made has no memory of its own yet, and the first look may find it so.
  const { agents } = await host.told(({ agents: [agent] }) => (agent?.resource?.rss ?? 0) > 0)
  expect(agents[0]?.resource).toMatchObject({ cpu: expect.any(Number), rss: expect.any(Number), fds: expect.any(Number) })
  // A shell has some hundred KB, and at least its three and the pipe.
  expect(agents[0]?.resource?.rss).toBeGreaterThan(100 * 1024)
  expect(agents[0]?.resource?.fds).toBeGreaterThan(3)

  const { usage } = (JSON.parse((await host.type('status', '--json')).data) as HostPicture).agents[0] ?? {}
  expect(usage).toMatchObject({ processes: expect.any(Number), fds: agents[0]?.resource?.fds })
  const { status, body } = await ask(`${fleet.homeOf('measured')}/run/control.sock`, 'GET', '/metrics')
  expect(status).toBe(200)
  expect(body).toContain('bootagent_agent_up{agent="puppet"} 1\n')
  expect(body).toMatch(/^bootagent_agent_resident_memory_bytes\{agent="puppet"\} \d{6,}$/m)
  expect(body).toMatch(/^bootagent_agent_open_fds\{agent="puppet"\} \d+$/m)
})

describe('malformed limits', () => {
  test('are refused where they are typed and by the server, with the field named', async () => {
    const host = await startPuppetHost(fleet, 'asked')
    const install = fleet.bootfleet('install', 'puppet', '--host', 'asked', '--memory', '20X')
    await expect(install).rejects.toThrow('limits.memory "20X" is not a size')
    const request = { target: { hosts: ['asked'] }, action: 'install', name: 'puppet', limits: { CPU: '10' } }
    const reply = await fetch(`${fleet.url}/api/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    })
    expect(reply.status).toBe(400)
    expect(await reply.json()).toMatchObject({ message: expect.stringContaining('limits.CPU "10" is not a share of a core') })
    expect((await host.told(() => true)).jobs).toEqual([])
  })

  // Another server may judge less: this one is made to by its database.
  test('that reach a host are answered with the field named, and what runs there runs on', async () => {
    const host = await startPuppetHost(fleet, 'bothered')
    await install(host, { limits: LIMITS, restart: LATER })
    const before = (await host.told(hasStatus('running'))).agents[0]
    await host.kill()
    const order = ['install', 'puppet', '--host', 'bothered', '--memory', '77M', '--json']
    const { id } = JSON.parse(await fleet.bootfleet(...order)) as { id: string }
    misspell('"77M"', '"77X"')
    await host.start()
    const { jobs } = await host.told((seen) => seen.jobs.some((job) => job.id === id && job.state === 'failed'))
    expect(jobs.find((job) => job.id === id)).toMatchObject({
      errcode: ERRORS['limits-bad'].errcode,
      message: expect.stringContaining('limits.memory "77X" is not a size'),
    })
    expect((await host.told(hasStatus('running'))).agents).toMatchObject([{ pid: before?.pid, restarts: 0 }])
    expect(host.metafile().agents['puppet']?.releases[before?.release ?? '']?.limits).toEqual(LIMITS)
  })
})

function install(host: PuppetHost, settings: object) {
  return host.deliver({ action: 'install', version: '1.0.0', settings })
}

function hasStatus(status: string): (host: HostDetail) => boolean {
  return ({ agents }) => agents[0]?.status === status
}

/** Replaces a piece of text in the jobs of the server's database. */
function misspell(right: string, wrong: string): void {
  const database = new DatabaseSync(`${fleet.directory}/server/bootserver.db`)
  database.prepare('UPDATE jobs SET settings = replace(settings, ?, ?)').run(right, wrong)
  database.close()
}
