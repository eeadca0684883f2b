import { ERRORS } from '@bootagent/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Fleet } from '../fleet.ts'
import { isReport, type PuppetHost, startPuppetFleet, startPuppetHost } from './puppet-host.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await startPuppetFleet()
})

afterAll(() => fleet.end())

const UPGRADE = { action: 'upgrade', version: '2.0.0', settings: {} } as const

describe('an agent that is busy is not upgraded until it is free', () => {
  test.each([
    ['by a file', 'busy', 'free'],
    ['by a lock', 'lock', 'unlock'],
  ])('%s', async (_, begin, finish) => {
    const host = await startPuppetHost(fleet, `at-work-${begin}`)
    const pid = await installAt(host, begin)
    const id = await host.ask(UPGRADE)
    const waiting = await host.seenAt(id, ({ progress }) => progress?.stage === 'wait until puppet is free')
    expect(waiting.state).toBe('running')
    expect((await host.told(() => true)).agents).toMatchObject([{ version: '1.0.0', pid, status: 'running' }])
    host.tell(finish)
    expect(await host.end(id)).toMatchObject({ errcode: 0 })
  })

  test('also when BootAgent is killed while it waits', async () => {
    const host = await startPuppetHost(fleet, 'at-work-killed')
    const pid = await installAt(host, 'busy')
    const id = await host.ask(UPGRADE)
    await host.seenAt(id, ({ progress }) => progress?.stage === 'wait until puppet is free')
    await host.kill()
    await host.start()
    await host.daemon.line(({ kind, step }) => kind === 'step-begun' && step === 'await-free')
    expect((await host.told(() => true)).agents).toMatchObject([{ version: '1.0.0', pid }])
    host.tell('free')
    expect(await host.end(id)).toMatchObject({ errcode: 0 })
  })
})

test('a deadline that passes interrupts it', async () => {
  const host = await startPuppetHost(fleet, 'interrupted')
  await installAt(host, 'busy')
  const id = await host.ask(UPGRADE, '--deadline', '3s')
  expect(await host.end(id)).toMatchObject({ errcode: 0 })
})

test('without a deadline it is waited for as long as the host is set to, and then nothing has changed', async () => {
  const host = await startPuppetHost(fleet, 'dogged', { pace: { busy: 1 } })
  const pid = await installAt(host, 'busy')
  const end = await host.deliver(UPGRADE)
  expect(end).toMatchObject({
    errcode: ERRORS['agent-busy'].errcode,
    message: expect.stringContaining('own/busy is there; nothing was changed'),
  })
  expect((await host.told(() => true)).agents).toMatchObject([{ version: '1.0.0', pid, status: 'running' }])
})

/** Installs the puppet and tells it to be busy; resolves with its pid when it is. */
async function installAt(host: PuppetHost, word: string): Promise<number | undefined> {
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings: {} })).toMatchObject({ errcode: 0 })
  host.tell(word, `said ${word}`)
  // It repeats a line before it does what it says: the second one is written when the first is done.
  while (!(await host.type('logs', 'puppet')).data.includes(`told: said ${word}`)) await host.daemon.nextLine(isReport)
  return (await host.told(({ agents: [agent] }) => agent?.pid !== undefined)).agents[0]?.pid
}
