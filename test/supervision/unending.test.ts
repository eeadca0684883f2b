import { ERRORS } from '@bootagent/protocol'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { makeFreezer } from '../../packages/bootagent/test/supervise/freezer.ts'
import { lookAtProcesses } from '../faults/oracle.ts'
import type { Fleet } from '../fleet.ts'
import { type PuppetHost, startPuppetFleet, startPuppetHost } from './puppet-host.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await startPuppetFleet()
})

afterAll(() => fleet.end())

test('an upgrade whose running release does not hear TERM kills it when its grace is over, and runs the new one alone', async () => {
  const host = await startPuppetHost(fleet, 'deaf')
  // Ready only once it is deaf: TERM before that would end it.
  host.tell('deaf', 'ready')
  const settings = { health: { kind: 'file', startup: 600, period: 0.1 }, restart: { grace: 0.3 } } as const
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings })).toMatchObject({ errcode: 0 })
  const [old] = pidsOf(host)

  expect(await host.deliver({ action: 'upgrade', version: '2.0.0', settings: {} })).toMatchObject({ errcode: 0 })
  const { agents } = await host.told(({ agents: [agent] }) => agent?.version === '2.0.0')
  expect(agents).toMatchObject([{ status: 'running', restarts: 0 }])
  expect(pidsOf(host)).toEqual([agents[0]?.pid])
  expect(pidsOf(host)).not.toEqual([old])
  // By KILL, which nobody holds against it: it was asked to end.
  expect(host.metafile().agents['puppet']?.exits).toMatchObject([{ signal: 'SIGKILL', abnormal: false }])
})

// As with a disk that no longer answers: KILL is taken, and nothing happens.
test('an upgrade whose running release cannot be ended says so and starts nothing beside it, whoever is killed meanwhile; once it has ended the old release runs, and the upgrade can be asked for again', {
  timeout: 180_000,
}, async ({ skip }) => {
  const freezer = makeFreezer() ?? skip('only a version 1 freezer keeps a process from dying, and there is none to use here')
  const host = await startPuppetHost(fleet, 'stuck')
  // Last registered, first done: nothing can be cleared away before.
  onTestFinished(freezer.remove)
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings: { restart: { grace: 0 } } })).toMatchObject({
    errcode: 0,
  })
  const [old = 0, ...others] = pidsOf(host)
  expect(others).toEqual([])
  freezer.freeze([old])

  const id = await host.ask({ action: 'upgrade', version: '2.0.0', settings: {} })
  const ended = await host.end(id)
  expect(ended).toMatchObject({ state: 'failed', errcode: ERRORS['stop-stuck'].errcode })
  expect(ended.message).toBe(
    `puppet could not be stopped: they are still there after KILL: they wait in the kernel, or are not ours to signal (process ${old})`,
  )
  expect(pidsOf(host)).toEqual([old])

  await host.kill()
  await host.start()
  const { agents } = await host.told(({ agents: [agent] }) => agent?.state === 'stopping')
  expect(agents).toMatchObject([{ version: '1.0.0', pid: old }])
  expect(pidsOf(host)).toEqual([old])
  const events = await host.events()
  expect(events).toMatchObject([
    { category: 'agent-stuck', subject: 'puppet', message: expect.stringContaining('still there after KILL') },
  ])

  freezer.thaw()
  // Of what is being ended there may be a report when it is just gone.
  const after = await host.told(({ agents: [agent] }) => agent?.state === 'running' && agent.pid !== old)
  expect(after.agents).toMatchObject([{ version: '1.0.0', status: 'running' }])
  expect(pidsOf(host)).toEqual([after.agents[0]?.pid])
  expect(await host.end(id)).toEqual(ended)
  expect(await host.deliver({ action: 'upgrade', version: '2.0.0', settings: {} })).toMatchObject({ errcode: 0 })
  expect(pidsOf(host)).toHaveLength(1)
})

/** Living programs of the puppet, whoever started them. */
function pidsOf({ agentsn }: PuppetHost): number[] {
  return lookAtProcesses(fleet.homeOf(agentsn)).map(({ pid }) => Number(pid))
}
