import { expect, test } from 'vitest'
import { createServer, DEFAULTS } from '../src/index.ts'
import { registerRequest, statusReport } from './messages.ts'
import { makeDataDirectory, startServer } from './start-server.ts'

const hostNames = async ({ ask }: Awaited<ReturnType<typeof startServer>>) =>
  ((await ask('GET', '/api/v1/hosts')).json as { hosts: { agentsn: string }[] }).hosts.map((host) => host.agentsn)

test('a new host is accepted with its own agentsn and the tags of new hosts', async () => {
  const server = await startServer({ tags: 'svc=ecs,cmpt=DB' })
  const { status, json } = await server.ask('POST', '/agent/register', registerRequest())
  expect([status, json]).toEqual([200, { status: 0, agentsn: 'sn-1', tags: 'svc=ecs,cmpt=DB' }])
})

test('a clone gets an agentsn of its own, a UUID, and the same one when it asks again', async () => {
  const server = await startServer()
  await server.ask('POST', '/agent/register', registerRequest())
  const asks = Array.from({ length: 5 }, () => server.ask('POST', '/agent/register', registerRequest({ machine: 'm-2' })))
  const answers = new Set((await Promise.all(asks)).map(({ json }) => (json as { agentsn: string }).agentsn))
  expect([...answers]).toEqual([expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/)])
  expect(await hostNames(server)).toHaveLength(2)
})

test('what a clone was told outlives the server', async () => {
  const data = await makeDataDirectory()
  const first = createServer({ ...DEFAULTS, listen: { host: '127.0.0.1', port: 0 }, data })
  await first.start()
  const register = async (url: string, machine: string) => {
    const response = await fetch(`${url}/agent/register`, { method: 'POST', body: JSON.stringify(registerRequest({ machine })) })
    return ((await response.json()) as { agentsn: string }).agentsn
  }
  await register(first.url, 'm-1')
  const told = await register(first.url, 'm-2')
  await first.stop()
  const second = await startServer({ data })
  expect(await register(second.url, 'm-2')).toBe(told)
  expect(await hostNames(second)).toHaveLength(2)
})

// Seed 001: the request has these two fields and no more, and need not say that it is JSON.
test("the seed's own request is accepted, under any content type", async () => {
  const { ask } = await startServer()
  const body = '{"hostname": "127.0.0.1", "agentsn": "bfdcc18c-b6b9-4725-9c47-37fd93dba5b6"}'
  const reply = { status: 0, agentsn: 'bfdcc18c-b6b9-4725-9c47-37fd93dba5b6', tags: '' }
  for (const type of ['application/json', 'text/plain', 'application/x-www-form-urlencoded']) {
    expect((await ask('POST', '/agent/register', body, { 'content-type': type })).json).toEqual(reply)
  }
})

test('a host registered by its report is the same host when it registers', async () => {
  const server = await startServer()
  await server.ask('POST', '/agent/status', statusReport())
  const { json } = await server.ask('POST', '/agent/register', registerRequest())
  expect(json).toMatchObject({ agentsn: 'sn-1' })
  expect(await hostNames(server)).toEqual(['sn-1'])
})
