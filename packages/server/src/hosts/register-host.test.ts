import { expect, test } from 'vitest'
import { memoryHostStore } from './host-store.memory.ts'
import { registerHost } from './register-host.ts'

// Each story is a list of requests in order: machine (or none) @ address, and the agentsn the server answers with.
test.each<{ story: string; asks: readonly [machine: string | undefined, address: string, answer: string][] }>([
  { story: 'a new host keeps its agentsn', asks: [['m1', 'a', 'own']] },
  {
    story: 'a repeat is the same host, also from another address',
    asks: [
      ['m1', 'a', 'own'],
      ['m1', 'b', 'own'],
    ],
  },
  {
    story: 'a clone gets the spare one',
    asks: [
      ['m1', 'a', 'own'],
      ['m2', 'a', 'spare-2'],
    ],
  },
  {
    story: 'a clone whose answer was lost gets the same answer again',
    asks: [
      ['m1', 'a', 'own'],
      ['m2', 'a', 'spare-2'],
      ['m2', 'a', 'spare-2'],
      ['m2', 'b', 'spare-2'],
    ],
  },
  {
    story: 'two clones of one host become two hosts, and the host stays itself',
    asks: [
      ['m1', 'a', 'own'],
      ['m2', 'a', 'spare-2'],
      ['m3', 'a', 'spare-3'],
      ['m1', 'a', 'own'],
      ['m2', 'a', 'spare-2'],
    ],
  },
  {
    story: 'without a fingerprint, name and address tell machines apart',
    asks: [
      [undefined, 'a', 'own'],
      [undefined, 'a', 'own'],
      [undefined, 'b', 'spare-3'],
    ],
  },
])('$story', async ({ asks }) => {
  const hosts = memoryHostStore()
  for (const [index, [machine, address, answer]] of asks.entries()) {
    const request = { hostname: 'web', agentsn: 'own', machine }
    const { agentsn, tags } = await registerHost(hosts, { request, address, now: 1, tags: 'svc=a', spare: `spare-${index + 1}` })
    expect([agentsn, tags]).toEqual([answer, 'svc=a'])
  }
  const answers = new Set(asks.map(([, , answer]) => answer))
  expect((await hosts.all()).map((host) => host.agentsn).sort()).toEqual([...answers].sort())
})

// A clone that has stored its new agentsn and asks again with it, because the first status report never got through.
test('a renamed clone that asks by its new agentsn is a repeat', async () => {
  const hosts = memoryHostStore()
  const from = (agentsn: string, machine: string) =>
    registerHost(hosts, { request: { hostname: 'web', agentsn, machine }, address: 'a', now: 1, tags: '', spare: 'spare' })
  await from('own', 'm1')
  await from('own', 'm2')
  expect((await from('spare', 'm2')).agentsn).toBe('spare')
  expect(await hosts.all()).toHaveLength(2)
})

// After the loss of the database a host is first heard of by a report, which names no machine.
test('the first machine to register claims a host that was known by its reports alone', async () => {
  const hosts = memoryHostStore()
  await hosts.add({ agentsn: 'own', hostname: 'web', tags: 'kept=yes', version: '', registered: 1 })
  const from = (machine: string) =>
    registerHost(hosts, { request: { hostname: 'web', agentsn: 'own', machine }, address: 'a', now: 1, tags: '', spare: 'spare' })
  expect(await from('m1')).toMatchObject({ agentsn: 'own', tags: 'kept=yes' })
  expect((await from('m2')).agentsn).toBe('spare')
  expect((await from('m1')).agentsn).toBe('own')
})
