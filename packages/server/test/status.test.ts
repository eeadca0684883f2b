import type { HostDetail, JobDetail, JobResult, StatusReply } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { METRICS, registerRequest, statusReport } from './messages.ts'
import { type RunningServer, startServer } from './start-server.ts'

type WireJob = Record<string, unknown>

async function withHost() {
  const server = await startServer()
  await server.ask('POST', '/agent/register', registerRequest())
  const report = async (fields = {}) => (await server.ask('POST', '/agent/status', statusReport(fields))).json as StatusReply
  const order = async (body: object) =>
    (await server.ask('POST', '/api/v1/jobs', { target: { all: true }, ...body })).json as JobDetail
  const look = async (id: string) => (await server.ask('GET', `/api/v1/jobs/${id}`)).json as JobDetail
  return { server, report, order, look }
}

// Seed 001, status report: the text with its comments and trailing commas taken away.
test("the seed's own status report is accepted, its unknown result included", async () => {
  const { ask } = await startServer({ tags: 'svc=ecs' })
  const { status, json } = await ask('POST', '/agent/status', SEED_REPORT)
  expect([status, json]).toEqual([200, { status: 0, jobs: [], tags: 'svc=ecs' }])
  const host = (await ask('GET', '/api/v1/hosts/33c5b8b4-5a2c-43c5-ab90-96721451b4ec')).json as HostDetail
  expect(host).toMatchObject({ version: 'bootagent-1.2.4-x86_64', step: 600, agents: [{ name: 'BasicAgent', status: 'stoped' }] })
})

test('a job goes from queued to offered to running to its result, and is offered until the result is there', async () => {
  const { report, order, look } = await withHost()
  const { id, hosts } = await order({ action: 'stop', name: 'metrics' })
  expect(hosts).toMatchObject([{ agentsn: 'sn-1', hostname: 'web-1', state: 'queued' }])

  // Twice, as if the first answer had been lost.
  for (let time = 0; time < 2; time += 1) expect((await report()).jobs).toEqual([{ id, action: 'stop', name: 'metrics' }])
  expect((await look(id)).counts).toMatchObject({ queued: 0, offered: 1 })

  const progress = [{ id, action: 'stop', name: 'metrics', stage: 'stop it' }]
  expect((await report({ progress })).jobs).toEqual([])
  expect((await look(id)).hosts).toMatchObject([{ state: 'running', progress: progress[0] }])

  const jobs: JobResult[] = [{ id, action: 'stop', name: 'metrics', errcode: 0, message: 'stopped' }]
  // Three times: the host did not hear that its result had arrived.
  for (let time = 0; time < 3; time += 1) expect((await report({ jobs })).jobs).toEqual([])
  const [done] = (await look(id)).hosts
  expect(done).toMatchObject({ state: 'succeeded', errcode: 0, message: 'stopped' })
  expect(done?.progress).toBeUndefined()
})

test('an install tells the host where it can reach the package from where it stands', async () => {
  const { server, report, order } = await withHost()
  await server.ask('PUT', `${METRICS}&run=${encodeURIComponent('{"exec":"bin/metrics"}')}`, 'the bytes')
  const { id, version } = await order({ action: 'install', name: 'metrics', envs: { A: '1' } })
  expect(version).toBe('1.0.0')
  const [job] = (await report()).jobs as WireJob[]
  expect(job).toMatchObject({ id, action: 'install', version: '1.0.0', size: 9, run: { exec: 'bin/metrics' }, envs: { A: '1' } })
  expect(job?.['url']).toMatch(new RegExp(`^${server.url}/packages/[0-9a-f]{64}/metrics-1.0.0.tar.gz$`))
  expect(await (await fetch(String(job?.['url']))).text()).toBe('the bytes')
})

test('with a public URL hosts are sent there', async () => {
  const { ask } = await startServer({ publicUrl: 'https://boot.example/fleet' })
  await ask('POST', '/agent/register', registerRequest())
  await ask('PUT', METRICS, 'the bytes')
  await ask('POST', '/api/v1/jobs', { target: { all: true }, action: 'install', name: 'metrics' })
  const { jobs } = (await ask('POST', '/agent/status', statusReport())).json as { jobs: WireJob[] }
  expect(jobs[0]?.['url']).toMatch(/^https:\/\/boot\.example\/fleet\/packages\//)
})

test('at most 50 jobs are open at once, the oldest, and the rest follow in order', async () => {
  const { report, order } = await withHost()
  const ids: string[] = []
  for (let at = 0; at < 52; at += 1) ids.push((await order({ action: 'restart', name: `agent-${at}` })).id)
  const idsOf = (reply: StatusReply) => (reply.jobs as WireJob[]).map((job) => job['id'])
  expect(idsOf(await report())).toEqual(ids.slice(0, 50))
  const jobs = [{ id: ids[7], errcode: 0, message: '' }]
  expect(idsOf(await report({ jobs }))).toEqual([...ids.slice(0, 7), ...ids.slice(8, 51)])
})

test('the tags an operator sets reach the host with the next reply', async () => {
  const { server, report } = await withHost()
  const { json } = await server.ask('PATCH', '/api/v1/hosts/sn-1', { tags: 'svc=new' })
  expect(json).toMatchObject({ agentsn: 'sn-1', tags: 'svc=new' })
  expect((await report()).tags).toBe('svc=new')
})

test('an event is shown once, however often it was sent', async () => {
  const { server, report } = await withHost()
  const events = [{ id: 'e-1', timestamp: 5, category: 'agent', subject: 'metrics', message: 'it fell over', extra: { code: 1 } }]
  await report({ events })
  await report({ events })
  expect(((await server.ask('GET', '/api/v1/hosts/sn-1')).json as HostDetail).events).toEqual(events)
})

// What one hostile host says must not spoil what operators see of the others.
test('numbers beyond reason leave every list readable', async () => {
  const { server, report, order } = await withHost()
  const { id } = await order({ action: 'stop', name: 'metrics' })
  const huge = 1e18
  const events = [{ id: 'e-1', timestamp: huge, category: 'a', message: 'm' }]
  await report({ step: huge, uptime: huge, timestamp: huge, events, jobs: [{ id, errcode: huge, message: '' }] })
  for (const path of ['/api/v1/hosts', '/api/v1/hosts/sn-1', '/api/v1/jobs', `/api/v1/jobs/${id}`]) {
    expect(await statusOf(server, path)).toBe(200)
  }
})

async function statusOf({ ask }: RunningServer, path: string): Promise<number> {
  return (await ask('GET', path)).status
}

const SEED_REPORT = `{
	"hostname": "127.0.0.1",
	"agentsn": "33c5b8b4-5a2c-43c5-ab90-96721451b4ec",
	"version": "bootagent-1.2.4-x86_64",
	"uptime": 1234,
	"timestamp": 1232,
	"step": 600,
	"agents": [{
		"name": "BasicAgent",
		"version": "1.2.3",
		"status": "stoped",
		"uptime": 123
	}],
	"jobs": [{
		"id": "ddc8a9b9-55bd-4ddd-b53d-47095ee19466",
		"errcode": 0,
		"message": "success"
	}]
}`
