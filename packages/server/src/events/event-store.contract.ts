import type { HostEvent } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import type { Stores } from '../stores.ts'
import { PRUNED_AT_ONCE } from './event-store.ts'

/** What every {@link EventStore} promises; `make` gives empty stores. */
export function eventStoreContract(make: () => Promise<Stores>): void {
  async function withHosts() {
    const { hosts, events } = await make()
    for (const agentsn of ['sn-1', 'sn-2']) await hosts.add({ agentsn, hostname: agentsn, tags: '', version: '', registered: 1 })
    const arrive = async (n: number, more: { agentsn?: string; received?: number } = {}) =>
      events.add({ agentsn: more.agentsn ?? 'sn-1', event: event(n), received: more.received ?? n })
    const ids = async (agentsn = 'sn-1') => (await events.of(agentsn)).map(({ id }) => id)
    return { events, arrive, ids }
  }

  test('an event that comes again stays as it came first', async () => {
    const { events, arrive } = await withHosts()
    await arrive(1)
    await events.add({ agentsn: 'sn-1', event: { ...event(1), message: 'another' }, received: 9 })
    expect(await events.of('sn-1')).toEqual([event(1)])
  })

  test('an id is one event of one host, and another of the next', async () => {
    const { arrive, ids } = await withHosts()
    await arrive(1)
    await arrive(1, { agentsn: 'sn-2' })
    expect([await ids('sn-1'), await ids('sn-2')]).toEqual([['e-1'], ['e-1']])
  })

  // The server's clock may be set back, and hosts' clocks show anything.
  test('events are in the order in which they came, whatever any clock said', async () => {
    const { arrive, ids } = await withHosts()
    for (const [n, received] of [300, 100, 200].entries()) await arrive(n, { received })
    expect(await ids()).toEqual(['e-2', 'e-1', 'e-0'])
  })

  test('of too many the latest stay, and of other hosts all', async () => {
    const { events, arrive, ids } = await withHosts()
    for (let n = 0; n < 5; n += 1) await arrive(n)
    await arrive(0, { agentsn: 'sn-2' })
    await events.prune({ agentsn: 'sn-1', most: 2, before: 0 })
    expect([await ids('sn-1'), await ids('sn-2')]).toEqual([['e-4', 'e-3'], ['e-0']])
  })

  test('what came too long ago goes, and what came at that moment stays', async () => {
    const { events, arrive, ids } = await withHosts()
    for (let n = 0; n < 5; n += 1) await arrive(n)
    await events.prune({ agentsn: 'sn-1', most: 100, before: 3 })
    expect(await ids()).toEqual(['e-4', 'e-3'])
  })

  test('the latest event of the fleet stays, however old', async () => {
    const { events, arrive, ids } = await withHosts()
    await arrive(1)
    await arrive(2)
    await events.prune({ agentsn: 'sn-1', most: 100, before: 1_000_000 })
    expect(await ids()).toEqual(['e-2'])
  })

  test('one pruning is bounded, and the next goes on with the oldest', async () => {
    const { events, arrive, ids } = await withHosts()
    for (let n = 0; n < PRUNED_AT_ONCE + 10; n += 1) await arrive(n)
    await events.prune({ agentsn: 'sn-1', most: 3, before: 0 })
    expect((await ids()).length).toBe(10)
    await events.prune({ agentsn: 'sn-1', most: 3, before: 0 })
    expect(await ids()).toEqual(['e-1009', 'e-1008', 'e-1007'])
  })
}

function event(n: number): HostEvent {
  return { id: `e-${n}`, timestamp: n, category: 'agent-exit', subject: 'metrics', message: 'it fell over' }
}
