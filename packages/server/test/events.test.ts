import type { EventDetail, EventList, HostDetail, HostEvent, StatusReport } from '@bootagent/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { statusReport } from './messages.ts'
import { spawnServer } from './spawn-server.ts'
import { ask, makeDataDirectory, type RunningServer, startServer } from './start-server.ts'

const EXIT: HostEvent = {
  id: 'agent-exit-1',
  timestamp: 5,
  category: 'agent-exit',
  subject: 'metrics',
  message: 'metrics ended with exit code 3',
  extra: { code: 3, tail: ['no route to host'] },
}
/** What a host makes of it and the next one, when it has no room. */
const FOLD: HostEvent = { ...EXIT, id: 'agent-exit-2~2', extra: { code: 3, folded: 2, since: 5 } }

async function report({ ask: send }: RunningServer, events: HostEvent[], more: Partial<StatusReport> = {}): Promise<number> {
  return (await send('POST', '/agent/status', statusReport({ events, ...more }))).status
}

async function list({ ask: send }: RunningServer, query = ''): Promise<EventList> {
  return (await send('GET', `/api/v1/events${query}`)).json as EventList
}

async function ids(server: RunningServer, query = ''): Promise<string[]> {
  return (await list(server, query)).events.map(({ agentsn, id }) => `${agentsn} ${id}`)
}

test('an event that is sent three times is stored once, and its fold beside it', async () => {
  const server = await startServer()
  for (const events of [[EXIT], [EXIT, EXIT], [FOLD]]) expect(await report(server, events)).toBe(200)
  expect((await list(server)).events).toMatchObject([
    { position: 2, agentsn: 'sn-1', hostname: 'web-1', id: FOLD.id, folded: 2 },
    { position: 1, agentsn: 'sn-1', hostname: 'web-1', id: EXIT.id, subject: 'metrics', timestamp: 5 },
  ])
})

// Killed and not stopped: what was acknowledged the host has forgotten.
test('events survive the death of the server, and are still stored once', async () => {
  const data = await makeDataDirectory()
  const start = () => spawnServer(['--listen', '127.0.0.1:0', '--data', data])
  const first = start()
  const body = statusReport({ events: [EXIT] })
  await ask(`${await first.url}/agent/status`, { method: 'POST', body })
  first.kill('SIGKILL')
  await first.ended
  const url = await start().url
  await ask(`${url}/agent/status`, { method: 'POST', body })
  const { events } = (await ask(`${url}/api/v1/events`, { method: 'GET' })).json as EventList
  expect(events.map(({ id }) => id)).toEqual([EXIT.id])
})

test('one event is shown with its details, and a list is without them', async () => {
  const server = await startServer()
  await report(server, [EXIT])
  const { status, json } = await server.ask('GET', `/api/v1/hosts/sn-1/events/${EXIT.id}`)
  expect([status, json]).toMatchObject([200, { ...EXIT, position: 1, agentsn: 'sn-1', hostname: 'web-1' }])
  expect((await list(server)).events[0]).not.toHaveProperty('extra')
})

test.each(['/api/v1/hosts/sn-1/events/other', '/api/v1/hosts/sn-2/events/agent-exit-1'])('there is no %s', async (path) => {
  const server = await startServer()
  await report(server, [EXIT])
  expect((await server.ask('GET', path)).status).toBe(404)
})

// An id is the host's own word.
test('an event is found by whatever id a host has given it', async () => {
  const server = await startServer()
  const id = 'a/b?c=#%20é~2'
  await report(server, [{ ...EXIT, id }])
  const { json } = await server.ask('GET', `/api/v1/hosts/sn-1/events/${encodeURIComponent(id)}`)
  expect((json as EventDetail).id).toBe(id)
})

describe('the list', () => {
  let server: RunningServer
  beforeEach(async () => {
    server = await startServer()
    await report(server, [
      { ...EXIT, id: 'a' },
      { ...EXIT, id: 'b', category: 'agent-killed' },
    ])
    const other = { agentsn: 'sn-2', hostname: 'web-2' }
    await report(
      server,
      [
        { ...EXIT, id: 'c' },
        { ...EXIT, id: 'd', subject: 'logs' },
      ],
      other,
    )
  })

  test.each([
    ['', ['sn-2 d', 'sn-2 c', 'sn-1 b', 'sn-1 a']],
    ['?host=sn-1', ['sn-1 b', 'sn-1 a']],
    ['?agent=logs', ['sn-2 d']],
    ['?category=agent-killed', ['sn-1 b']],
    ['?host=sn-1&category=agent-exit&agent=metrics', ['sn-1 a']],
    ['?host=nobody', []],
    ['?since=1', ['sn-2 d', 'sn-2 c', 'sn-1 b', 'sn-1 a']],
    ['?since=99999999999', []],
  ])('%s has what fits, the latest first', async (query, expected) => {
    expect(await ids(server, query)).toEqual(expected)
  })

  test('goes on where the page before ended, and says when there is no more', async () => {
    const first = await list(server, '?limit=3')
    expect([first.events.map(({ id }) => id), first.next]).toEqual([['d', 'c', 'b'], '2'])
    // What comes meanwhile is not in the way.
    await report(server, [{ ...EXIT, id: 'e' }])
    const second = await list(server, `?limit=3&cursor=${first.next}`)
    expect([second.events.map(({ id }) => id), second.next]).toEqual([['a'], undefined])
  })

  test.each([
    'limit=0',
    'limit=201',
    'limit=ten',
    'cursor=x',
    'since=-1',
    'host=../x',
    `agent=${'a'.repeat(256)}`,
    'host=a&host=b',
  ])('refuses ?%s', async (query) => {
    expect((await server.ask('GET', `/api/v1/events?${query}`)).status).toBe(400)
  })
})

test('of a host so many events are kept as the server is told, and its page shows the latest five', async () => {
  const server = await startServer({ maxEvents: 7 })
  const numbered = Array.from({ length: 10 }, (_, n) => ({ ...EXIT, id: `e-${n}` }))
  await report(server, numbered)
  expect((await list(server)).events.map(({ id }) => id)).toEqual(['e-9', 'e-8', 'e-7', 'e-6', 'e-5', 'e-4', 'e-3'])
  const { events } = (await server.ask('GET', '/api/v1/hosts/sn-1')).json as HostDetail
  expect(events).toEqual(numbered.slice(-5).toReversed())
})

// A host decides what stands in its events, and lists are read by programs.
test('a hostile extra changes nothing in the list', async () => {
  const server = await startServer()
  for (const [n, folded] of [-1, 0.5, '9', null, { a: 1 }].entries()) {
    expect(await report(server, [{ ...EXIT, id: `e-${n}`, extra: { folded } }])).toBe(200)
  }
  expect((await list(server)).events.map(({ folded }) => folded)).toEqual([undefined, undefined, undefined, undefined, undefined])
})
