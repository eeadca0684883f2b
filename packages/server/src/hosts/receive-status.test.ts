import type { StatusReport } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { memoryHostStore } from './host-store.memory.ts'
import { receiveStatus } from './receive-status.ts'

const REPORT: StatusReport = {
  hostname: 'web-1',
  agentsn: 'sn-1',
  version: 'bootagent-1.2.4-x86_64',
  uptime: 10,
  timestamp: 20,
  step: 600,
  agents: [{ name: 'metrics', version: '1.0', status: 'running', uptime: 5 }],
  jobs: [],
}

test('a host nobody has heard of is taken in with the tags of new hosts', async () => {
  const hosts = memoryHostStore()
  const host = await receiveStatus(hosts, { report: REPORT, now: 100, tags: 'svc=a' })
  expect(host).toMatchObject({ agentsn: 'sn-1', tags: 'svc=a', registered: 100 })
  expect(await hosts.find('sn-1')).toMatchObject({ registered: 100, report: { seen: 100, step: 600, agents: REPORT.agents } })
})

test('a known host keeps its tags and the time it registered', async () => {
  const hosts = memoryHostStore()
  await hosts.add({ agentsn: 'sn-1', hostname: 'old', machine: 'm', tags: 'svc=b', version: '', registered: 1 })
  await receiveStatus(hosts, { report: REPORT, now: 100, tags: 'svc=a' })
  expect(await hosts.find('sn-1')).toMatchObject({ hostname: 'web-1', machine: 'm', tags: 'svc=b', registered: 1 })
})

// A number the database could not read back would make every list of hosts fail, not just this host's report.
test('an absurd step is kept as a day', async () => {
  const hosts = memoryHostStore()
  await receiveStatus(hosts, { report: { ...REPORT, step: 1e18 }, now: 100, tags: '' })
  expect((await hosts.find('sn-1'))?.report?.step).toBe(86_400)
})
