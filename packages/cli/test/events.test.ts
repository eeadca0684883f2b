import type { EventDetail, EventSummary } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { run } from '../src/index.ts'
import { aHost, anEvent } from './samples.ts'
import { type Answer, refuse, type Request, scriptedServer } from './scripted-server.ts'
import { bootfleet, createTerminal, NOW } from './terminal.ts'

const HOST = aHost().agentsn
const HOSTS = { 'GET /api/v1/hosts': (): Answer => ({ json: { hosts: [aHost()] } }) }

/** The server's side of the list, over what is in it at the moment. */
function listing(events: () => readonly EventSummary[]) {
  return ({ query }: Request): Answer => {
    const { limit = '50', cursor } = query
    const before = events()
      .filter(({ position }) => cursor === undefined || position < Number(cursor))
      .toSorted((a, b) => b.position - a.position)
    const page = before.slice(0, Number(limit))
    const next = page.length < before.length ? { next: String(page.at(-1)?.position) } : {}
    return { json: { events: page, ...next } }
  }
}

function numbered(count: number): EventSummary[] {
  return Array.from({ length: count }, (_, at) => anEvent(at + 1))
}

test('events are a line each, the newest first, with what is needed to look closer', async () => {
  const killed = anEvent(2, { category: 'agent-killed', message: 'metrics was killed', folded: 12 })
  await using server = await scriptedServer({ 'GET /api/v1/events': listing(() => [anEvent(1), killed]) })
  const { code, out } = await bootfleet(server.url, ['events'])
  expect(out).toBe(
    [
      'TIME                  HOST   CATEGORY      AGENT    EVENT             MESSAGE',
      '2025-12-31 23:59:00Z  web-1  agent-killed  metrics  0000000000000002  metrics was killed (the last of 12)',
      '2025-12-31 23:59:00Z  web-1  agent-exit    metrics  0000000000000001  end number 1\n',
    ].join('\n'),
  )
  expect(code).toBe(0)
})

test('what is asked for is asked of the server, a host by any of its names', async () => {
  await using server = await scriptedServer({ ...HOSTS, 'GET /api/v1/events': listing(() => []) })
  const argv = ['events', '--host', 'web-1', '--agent', 'metrics', '--category', 'agent-fatal', '-n', '7']
  expect((await bootfleet(server.url, argv)).err).toContain('no such events')
  expect(server.requests.at(-1)?.query).toEqual({ host: HOST, agent: 'metrics', category: 'agent-fatal', limit: '7' })
})

test('more than the server gives at once are asked for page by page', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/events': listing(() => numbered(500)) })
  const { out } = await bootfleet(server.url, ['events', '-n', '450', '--json'])
  const { events } = JSON.parse(out) as { events: EventSummary[] }
  expect(events.map(({ position }) => position)).toEqual(Array.from({ length: 450 }, (_, at) => 500 - at))
  expect(server.requests).toHaveLength(3)
})

// The threat: a server gone wrong must not keep the command asking for ever.
test('a server that gives the same page again is not asked for ever', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/events': () => ({ json: { events: numbered(2), next: '1' } }) })
  await bootfleet(server.url, ['events', '-n', '1000'])
  expect(server.requests).toHaveLength(2)
})

test.each(['0', '-1', 'all', '1.5'])('-n %s is refused', async (count) => {
  expect((await bootfleet('127.0.0.1:1', ['events', '-n', count])).code).toBe(2)
})

test('followed, events come oldest first and each once, until Ctrl-C', async () => {
  const events = numbered(3)
  await using server = await scriptedServer({ 'GET /api/v1/events': listing(() => events) })
  const terminal = createTerminal({ env: { BOOTFLEET_SERVER: server.url } })
  const ended = run(['events', '-f', '-n', '2', '--json'], terminal)
  await terminal.clock.sleeping()
  // More than the first list had room for.
  events.push(...numbered(303).slice(3))
  const asleep = terminal.clock.sleeping.bind(terminal.clock)
  await terminal.clock.advance(2000)
  await asleep()
  await terminal.clock.advance(2000)
  await asleep()
  terminal.pressCtrlC()
  expect(await ended).toBe(130)
  const told = terminal
    .out()
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as EventSummary).position)
  expect(told).toEqual(Array.from({ length: 302 }, (_, at) => at + 2))
})

test('followed on a terminal, events are lines; while the server is away that is said once, and nothing is lost', async () => {
  const events = numbered(1)
  let away = false
  const answer = listing(() => events)
  await using server = await scriptedServer({
    'GET /api/v1/events': (request) => (away ? refuse(503, 'busy', 'later') : answer(request)),
  })
  const terminal = createTerminal({ env: { BOOTFLEET_SERVER: server.url } })
  const ended = run(['events', '--follow'], terminal)
  await terminal.clock.sleeping()
  away = true
  events.push(anEvent(2, { message: 'while the server was away' }))
  for (let round = 0; round < 3; round += 1) {
    await terminal.clock.advance(2000)
    await terminal.clock.sleeping()
  }
  away = false
  await terminal.clock.advance(2000)
  await terminal.clock.sleeping()
  terminal.pressCtrlC()
  await ended
  expect(terminal.out().split('\n')).toEqual([
    '2025-12-31 23:59:00Z  web-1         agent-exit          metrics       0000000000000001  end number 1',
    '2025-12-31 23:59:00Z  web-1         agent-exit          metrics       0000000000000002  while the server was away',
    '',
  ])
  expect(terminal.err().match(/still trying/g)).toHaveLength(1)
})

test('one event is shown with its details, and below them what its agent wrote last', async () => {
  const extra = { cause: 'oom', lived: 12.3, tail: ['loading', 'out of \u001b[31mmemory'] }
  const event: EventDetail = { ...anEvent(7), extra }
  await using server = await scriptedServer({ ...HOSTS, [`GET /api/v1/hosts/${HOST}/events/a%2Fb`]: () => ({ json: event }) })
  const { code, out } = await bootfleet(server.url, ['event', 'a/b', '--host', 'web-1'])
  expect(code).toBe(0)
  expect(out).toMatch(/^host +web-1 \(bfdcc18c-b6b9-4725-9c47-37fd93dba5b6\)$/m)
  expect(out).toMatch(/^cause +oom$/m)
  expect(out).toMatch(/^lived +12.3$/m)
  expect(out.endsWith('its last output:\n  loading\n  out of \\x1b[31mmemory\n')).toBe(true)
})

test('an event needs its host', async () => {
  const { code, err } = await bootfleet('127.0.0.1:1', ['event', 'x'])
  expect([code, err]).toEqual([2, expect.stringContaining('--host')])
})

// Whatever a host says ends in a terminal (ADR 0017).
test('no event commands the terminal, whichever field it is in', async () => {
  const evil = '\u001b[2J\u009b31m\r\n\u202eevil'
  const event = anEvent(1, { hostname: evil, id: evil, category: evil, subject: evil, message: evil, timestamp: NOW })
  const extra = { [evil]: evil, deep: { [evil]: [evil] }, tail: [evil, { [evil]: 1 }] }
  await using server = await scriptedServer({
    ...HOSTS,
    'GET /api/v1/events': () => ({ json: { events: [event] } }),
    [`GET /api/v1/hosts/${HOST}/events/x`]: () => ({ json: { ...event, extra } }),
  })
  for (const argv of [
    ['events'],
    ['events', '--json'],
    ['event', 'x', '--host', 'web-1'],
    ['event', 'x', '--host', 'web-1', '--json'],
  ]) {
    const { out } = await bootfleet(server.url, argv)
    expect(out).toContain('evil')
    expect(out.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  }
  const terminal = createTerminal({ env: { BOOTFLEET_SERVER: server.url } })
  const ended = run(['events', '-f'], terminal)
  await terminal.clock.sleeping()
  terminal.pressCtrlC()
  await ended
  expect(terminal.out()).toMatch(/evil\n$/)
  expect(terminal.out().replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})
