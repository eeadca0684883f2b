import type { HostDetail, HostSummary, JobDetail, JobSummary, PackageRecord, StatusReply } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { METRICS, registerRequest, statusReport } from './messages.ts'
import { type SpawnedServer, spawnServer } from './spawn-server.ts'
import { type Answer, ask, makeDataDirectory } from './start-server.ts'

const STOP = { target: { all: true }, action: 'stop', name: 'metrics' }

/** A server that dies and comes back on the same disk; what it is asked goes to the one that runs now. */
async function withDisk() {
  const data = await makeDataDirectory()
  const start = (crashAt?: string) => spawnServer(['--listen', '127.0.0.1:0', '--data', data], crashAt)
  return { start }
}

const send = async (server: SpawnedServer, method: string, path: string, body?: unknown): Promise<Answer> =>
  ask((await server.url) + path, { method, body })

/** Sends what the server will not live to answer. */
async function sendInVain(server: SpawnedServer, method: string, path: string, body?: unknown): Promise<void> {
  await expect(send(server, method, path, body)).rejects.toThrow()
  expect((await server.ended).signal).toBe('SIGKILL')
}

test.each(['status:before-store', 'status:stored'])('killed at %s, a result sent again counts once', async (point) => {
  const { start } = await withDisk()
  // The second report meets the crash; the first takes the host in.
  const first = start(`${point}#2`)
  await send(first, 'POST', '/agent/status', statusReport())
  const { id } = (await send(first, 'POST', '/api/v1/jobs', STOP)).json as JobDetail
  const events = [{ id: 'e-1', timestamp: 1, category: 'agent', message: 'it fell over' }]
  const report = statusReport({ jobs: [{ id, action: 'stop', name: 'metrics', errcode: 0, message: 'stopped' }], events })
  await sendInVain(first, 'POST', '/agent/status', report)

  const second = start()
  const before = (await send(second, 'GET', `/api/v1/jobs/${id}`)).json as JobDetail
  expect(before.hosts).toMatchObject([{ state: point === 'status:stored' ? 'succeeded' : 'queued' }])
  // The host was not answered, so it sends the same again, and is answered now.
  expect((await send(second, 'POST', '/agent/status', report)).json).toMatchObject({ jobs: [] })
  const { counts, hosts } = (await send(second, 'GET', `/api/v1/jobs/${id}`)).json as JobDetail
  expect([counts.succeeded, hosts]).toMatchObject([1, [{ state: 'succeeded', message: 'stopped' }]])
  expect(((await send(second, 'GET', '/api/v1/hosts/sn-1')).json as HostDetail).events).toEqual(events)
})

test('killed after a job was stored, the job is there and is offered', async () => {
  const { start } = await withDisk()
  const first = start('job:created')
  await send(first, 'POST', '/agent/register', registerRequest())
  await sendInVain(first, 'POST', '/api/v1/jobs', STOP)
  const { jobs } = (await send(start(), 'POST', '/agent/status', statusReport())).json as StatusReply
  expect(jobs).toMatchObject([{ action: 'stop', name: 'metrics' }])
})

test('killed after a cancel was stored, the job it calls off is offered no more where it never was', async () => {
  const { start } = await withDisk()
  const first = start('cancel:created')
  await send(first, 'POST', '/agent/register', registerRequest())
  const { id } = (await send(first, 'POST', '/api/v1/jobs', STOP)).json as JobDetail
  await sendInVain(first, 'POST', `/api/v1/jobs/${id}/cancel`, {})
  const second = start()
  expect((await send(second, 'POST', '/agent/status', statusReport())).json).toMatchObject({ jobs: [] })
  expect((await send(second, 'GET', `/api/v1/jobs/${id}`)).json).toMatchObject({ counts: { failed: 1, queued: 0 } })
})

// Seed 001: the host tries again, and by then may be taken for somebody else.
test('killed after a clone was stored, the clone that asks again becomes no third host', async () => {
  const { start } = await withDisk()
  const first = start('register:stored#2')
  await send(first, 'POST', '/agent/register', registerRequest())
  await sendInVain(first, 'POST', '/agent/register', registerRequest({ machine: 'm-2' }))
  const second = start()
  await send(second, 'POST', '/agent/register', registerRequest({ machine: 'm-2' }))
  expect(((await send(second, 'GET', '/api/v1/hosts')).json as { hosts: HostSummary[] }).hosts).toHaveLength(2)
})

test('killed between the bytes of a package and its record, the package is not there and can be published again', async () => {
  const { start } = await withDisk()
  await sendInVain(start('package:kept'), 'PUT', METRICS, 'the bytes')
  const second = start()
  expect((await send(second, 'GET', '/api/v1/packages')).json).toEqual({ packages: [] })
  const { json } = await send(second, 'PUT', METRICS, 'the bytes')
  const { sha256, file } = json as PackageRecord
  expect((await send(second, 'GET', `/packages/${sha256}/${file}`)).status).toBe(200)
})

// Each round kills the server under load as soon as it has acknowledged so many requests; what it acknowledged must be there.
test('killed at arbitrary moments, the server loses nothing it acknowledged and doubles nothing', async () => {
  const { start } = await withDisk()
  const acknowledged = { jobs: new Set<string>(), results: new Set<string>(), hosts: new Set<string>() }
  for (const [round, acknowledgements] of [3, 10, 17, 30].entries()) {
    const server = start()
    let left = acknowledgements
    const countDown = () => {
      left -= 1
      if (left === 0) server.kill('SIGKILL')
    }
    const lives = Array.from({ length: 4 }, (_, at) => live(server, `host-${round}-${at}`, { acknowledged, countDown }))
    await Promise.all(lives)
    expect((await server.ended).signal).toBe('SIGKILL')
  }
  const server = start()
  const { hosts } = (await send(server, 'GET', '/api/v1/hosts')).json as { hosts: HostSummary[] }
  const { jobs } = (await send(server, 'GET', '/api/v1/jobs')).json as { jobs: JobSummary[] }
  const succeeded = jobs.filter(({ counts }) => counts.succeeded === 1).map(({ id }) => id)
  expect(hosts.map(({ agentsn }) => agentsn)).toEqual(expect.arrayContaining([...acknowledged.hosts]))
  expect(new Set(hosts.map(({ hostname }) => hostname)).size).toBe(hosts.length)
  expect(jobs.map(({ id }) => id)).toEqual(expect.arrayContaining([...acknowledged.jobs]))
  expect(succeeded).toEqual(expect.arrayContaining([...acknowledged.results]))
  expect(acknowledged.results.size).toBeGreaterThan(0)
  // Five starts of the program, which take their time on a busy machine.
}, 180_000)

interface Ledger {
  readonly acknowledged: { readonly jobs: Set<string>; readonly results: Set<string>; readonly hosts: Set<string> }
  readonly countDown: () => void
}

/** One host and its operator, until the server dies: register, order a job, fetch it, send its result, and again. */
async function live(server: SpawnedServer, agentsn: string, { acknowledged, countDown }: Ledger): Promise<void> {
  const tell = async (path: string, body: unknown) => {
    const { json } = await send(server, 'POST', path, body)
    return json
  }
  try {
    await tell('/agent/register', registerRequest({ agentsn, hostname: agentsn, machine: agentsn }))
    acknowledged.hosts.add(agentsn)
    countDown()
    for (;;) {
      const { id } = (await tell('/api/v1/jobs', { ...STOP, target: { hosts: [agentsn] } })) as JobDetail
      acknowledged.jobs.add(id)
      countDown()
      await tell('/agent/status', statusReport({ agentsn, hostname: agentsn }))
      await tell('/agent/status', statusReport({ agentsn, hostname: agentsn, jobs: [{ id, errcode: 0, message: 'done' }] }))
      acknowledged.results.add(id)
      countDown()
    }
  } catch (error) {
    // What fetch throws when the other side is gone; the test looks at how the server ended.
    if (!(error instanceof TypeError)) throw error
  }
}
