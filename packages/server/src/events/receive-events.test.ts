import type { HostEvent } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { memoryEventStore } from './event-store.memory.ts'
import { receiveEvents } from './receive-events.ts'

const NOW = 1_700_000_000
const DAY = 86_400
const keep = { days: 30, most: 3 }

function event(n: number): HostEvent {
  return { id: `e-${n}`, timestamp: NOW, category: 'agent-exit', message: 'it fell over' }
}

async function received(arrivals: readonly { ids: readonly number[]; now: number }[]): Promise<string[]> {
  const store = memoryEventStore()
  for (const { ids, now } of arrivals) await receiveEvents(store, { agentsn: 'sn-1', events: ids.map(event), now, keep })
  return (await store.of('sn-1')).map(({ id }) => id)
}

test('an event is kept once, however often it is sent', async () => {
  expect(
    await received([
      { ids: [1], now: NOW },
      { ids: [1, 2], now: NOW + 60 },
    ]),
  ).toEqual(['e-2', 'e-1'])
})

test('of more events than are kept the latest stay', async () => {
  expect(await received([{ ids: [1, 2, 3, 4, 5], now: NOW }])).toEqual(['e-5', 'e-4', 'e-3'])
})

// Also a report with nothing to tell lets go of what is old: who has been well for a month has nothing to show.
test('after its days an event goes with the next report, whatever that brings', async () => {
  const month = { ids: [], now: NOW + 31 * DAY }
  expect(await received([{ ids: [1], now: NOW }, { ids: [2], now: NOW + 30 * DAY }, month])).toEqual(['e-2'])
})
