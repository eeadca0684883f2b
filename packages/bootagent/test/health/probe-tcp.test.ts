import { join } from 'node:path'
import process from 'node:process'
import { createFakeClock, runProgram } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { deadAddress, listenHttp, listenRaw } from '../remote/servers.ts'
import { check } from './place.ts'

test('an agent that takes connections is well, and is hung up on', async () => {
  const server = await listenRaw(() => undefined)
  expect(await check({ kind: 'tcp', port: server.port })).toEqual({ ok: true })
  await server.quiet()
})

test('an agent that says something first, or cuts the connection, has taken it all the same', async () => {
  const talker = await listenRaw((socket) => socket.end('220 welcome\r\n'))
  const cutter = await listenRaw((socket) => socket.resetAndDestroy())
  expect(await check({ kind: 'tcp', port: talker.port })).toEqual({ ok: true })
  expect(await check({ kind: 'tcp', port: cutter.port })).toEqual({ ok: true })
})

test('where nobody listens the connection is refused', async () => {
  const { port } = await deadAddress()
  expect(await check({ kind: 'tcp', port })).toEqual({
    ok: false,
    why: `a connection to 127.0.0.1:${port} was refused: nothing listens there`,
  })
})

// The kernel picks a free port for the caller's own end: here it has but that one to pick.
test('a socket that is connected to itself is nobody who listens, and does not keep the port', async ({ skip }) => {
  const alone = 'ip link set lo up && echo "40002 40002" >/proc/sys/net/ipv4/ip_local_port_range && exec "$@"'
  const program = [process.execPath, join(import.meta.dirname, 'probe-port.ts'), '40002']
  const { code, stdout, stderr } = await runProgram(['unshare', '--net', 'sh', '-c', alone, 'sh', ...program])
  if (/not permitted|denied|read-only/i.test(stderr)) skip('no network of its own can be made here')
  const why = 'a connection to 127.0.0.1:40002 was refused: nothing listens there'
  expect({ code, results: JSON.parse(stdout || 'null') }).toEqual({
    code: 0,
    results: [
      { ok: false, why },
      { ok: false, why },
    ],
  })
})

test('a port is asked for at 127.0.0.1 and at no other address', async () => {
  const { port } = await listenHttp(() => undefined, '127.0.0.2')
  expect(await check({ kind: 'tcp', port })).toMatchObject({ ok: false })
})

test('a check that is called off before it begins connects to nobody', async () => {
  const server = await listenRaw(() => undefined)
  await check({ kind: 'tcp', port: server.port }, { signal: AbortSignal.abort() })
  expect(server.connections()).toBe(0)
})

// Whoever stood still for that long cannot tell how fast the agent was.
test('a check that came back long after its time says nothing about the agent', async () => {
  const clock = createFakeClock()
  const stopped = { ...clock, sleep: async () => (await clock.advance(60_000), true) }
  const server = await listenHttp(() => undefined)
  const url = `http://127.0.0.1:${server.port}/`
  expect(await check({ kind: 'http', url }, { clock: stopped })).toEqual({
    ok: false,
    why: `GET ${url} took longer than 5 s`,
    hindered: true,
  })
})
