import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import type { StatusReport } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { type Metafile, readMetafile } from '../../src/state/metafile-schema.ts'
import { type Asked, scriptedServer } from '../remote/scripted-server.ts'
import { listenRaw } from '../remote/servers.ts'
import type { TestHost } from '../supervise/host.ts'
import { ask, bootagent, createHostWith, startBootAgent } from './daemon.ts'

const RUNS = { fixture: 'runs-forever' }

function metafileOf(host: TestHost): Metafile {
  const reading = readMetafile(readFileSync(host.paths.metafile, 'utf8'))
  if (reading.kind !== 'ok') throw new Error(`the metafile is ${reading.kind}`)
  return reading.metafile
}

test('an operator stops, starts, restarts and resets an agent, and each answer comes when it is done', async () => {
  const host = createHostWith({ metrics: RUNS })
  const daemon = await startBootAgent(host)
  await daemon.line(({ kind }) => kind === 'agent-started')

  expect(await bootagent(host, 'stop', 'metrics')).toEqual({ code: 0, data: 'metrics is stopped\n', talk: '' })
  expect(host.processes()).toEqual([])
  expect(metafileOf(host).agents['metrics']?.wanted).toBe('stopped')

  expect(await bootagent(host, 'start', 'metrics')).toEqual({ code: 0, data: 'metrics runs\n', talk: '' })
  const before = host.processes()
  expect(before).toHaveLength(2)

  expect(await bootagent(host, 'restart', 'metrics')).toMatchObject({ code: 0, data: 'metrics was restarted\n' })
  expect(host.processes()).toHaveLength(2)
  expect(host.processes().filter((pid) => before.includes(pid))).toEqual([])

  const { code, data } = await bootagent(host, 'reset', 'metrics', '--json')
  expect([code, JSON.parse(data)]).toEqual([
    0,
    { id: expect.stringMatching(/^local-[0-9a-f-]{36}$/), errcode: 0, message: 'the strikes of metrics are forgiven' },
  ])
})

test('an agent that was given up runs again after reset', async () => {
  const host = createHostWith({ metrics: { ...RUNS, record: { fatal: true, strikes: 4 } } })
  await startBootAgent(host)
  expect(host.processes()).toEqual([])
  expect(await bootagent(host, 'reset', 'metrics')).toMatchObject({ code: 0 })
  expect(host.processes()).toHaveLength(2)
  expect(metafileOf(host).agents['metrics']).toMatchObject({ fatal: false, strikes: 0 })
})

test('what cannot be done is refused with its reason, and 1', async () => {
  const host = createHostWith({ metrics: RUNS, broken: { fixture: 'missing', record: { wanted: 'stopped' } } })
  await startBootAgent(host)
  expect(await bootagent(host, 'stop', 'nobody')).toEqual({
    code: 1,
    data: '',
    talk: 'bootagent: nobody is not installed on this host\n',
  })
  const failed = await bootagent(host, 'start', 'broken')
  expect([failed.code, failed.data]).toEqual([1, ''])
  expect(failed.talk).toMatch(/^bootagent: broken could not be started: /)
  expect(JSON.parse((await bootagent(host, 'stop', 'nobody', '--json')).data)).toMatchObject({ errcode: 30_010_011 })
})

test('without a daemon there is nobody to give an order to: 7, and what to do', async () => {
  const host = createHostWith({ metrics: RUNS })
  const { code, data, talk } = await bootagent(host, 'stop', 'metrics')
  expect([code, data]).toEqual([7, ''])
  expect(talk).toBe('bootagent: BootAgent is not running on this host: start it, or name its directories with --home and --run\n')
})

test('orders for two agents go on side by side, and those for one in turn', async () => {
  const host = createHostWith({ one: RUNS, two: RUNS })
  await startBootAgent(host)
  const socket = host.paths.control
  const orders = ['/agents/one/stop', '/agents/one/start', '/agents/two/restart'].map((path) => ask(socket, 'POST', path))
  expect((await Promise.all(orders)).map(({ status }) => status)).toEqual([200, 200, 200])
  expect(host.processes()).toHaveLength(4)
})

test('who goes away cancels nothing', async () => {
  const host = createHostWith({ stubborn: { fixture: 'ignores-term', restart: { grace: 0.5 } } })
  const daemon = await startBootAgent(host)
  await daemon.line(({ kind }) => kind === 'agent-started')
  const leaving = new AbortController()
  const left = postAndLeave(host.paths.control, '/agents/stubborn/stop', leaving.signal)
  await daemon.line(({ kind, action }) => kind === 'job-accepted' && action === 'stop')
  leaving.abort()
  await left
  await daemon.line(({ kind }) => kind === 'job-done')
  expect(host.processes()).toEqual([])
})

// The points lie before, in and after the work, and before its result is on disk.
test.each(['job:begun', 'stop:before-term', 'stop:termed', 'finish:before'])(
  'killed at %s of an order: the operator is told, and the next BootAgent completes it once',
  async (point) => {
    const host = createHostWith({ metrics: RUNS })
    await startBootAgent(host, { BOOTAGENT_CRASH_AT: point })
    const { code, talk } = await bootagent(host, 'stop', 'metrics')
    expect(code).toBe(1)
    expect(talk).toContain('an order it has taken is carried out when it is started again')
    expect(Object.values(metafileOf(host).jobs)).toMatchObject([{ local: true, state: 'running' }])

    const next = await startBootAgent(host)
    await next.line(({ kind }) => kind === 'job-done')
    expect(host.processes()).toEqual([])
    const { agents, jobs, events } = metafileOf(host)
    expect(agents['metrics']).toMatchObject({ wanted: 'stopped', strikes: 0 })
    expect(Object.values(jobs)).toMatchObject([{ state: 'done', result: { errcode: 0 }, acknowledged: expect.any(Number) }])
    expect(events.filter(({ category }) => category === 'operator-order')).toHaveLength(1)
  },
)

test('the server hears of an order by one event, and never of the job', async () => {
  const diary: Asked[] = []
  const server = await scriptedServer('server', diary, () => ({ status: 0, agentsn: 'test', jobs: [] }))
  const host = createHostWith({ metrics: RUNS }, { server: `http://${server.host}:${server.port}` })
  const daemon = await startBootAgent(host)
  await daemon.line(({ kind }) => kind === 'reported')
  expect(await bootagent(host, 'restart', 'metrics')).toMatchObject({ code: 0 })
  await bootagent(host, 'stop', 'nobody')
  while (metafileOf(host).events.length > 0) await daemon.nextLine(({ kind }) => kind === 'reported')

  const reports = diary.filter(({ path }) => path.endsWith('/status')).map(({ body }) => body as unknown as StatusReport)
  expect(reports.flatMap(({ jobs }) => jobs)).toEqual([])
  expect(reports.flatMap(({ progress }) => progress ?? [])).toEqual([])
  const told = reports.flatMap(({ events }) => events ?? []).filter(({ category }) => category === 'operator-order')
  expect(new Set(told.map(({ message }) => message))).toEqual(
    new Set([
      'an operator at the host asked to restart metrics: metrics was restarted',
      'an operator at the host asked to stop nobody: nobody is not installed on this host',
    ]),
  )
})

test('a queue full of the server’s jobs does not lock the operator out', async () => {
  const silent = await listenRaw(() => undefined)
  const url = `http://${silent.host}:${silent.port}/x-1.0.0.tar.gz`
  const job = { action: 'install', url, checksum: `SHA256:${'a'.repeat(64)}` }
  const jobs = Array.from({ length: 60 }, (_, n) => ({ ...job, id: `j-${n}`, name: `other-${n}` }))
  const server = await scriptedServer('server', [], () => ({ status: 0, agentsn: 'test', jobs }))
  const host = createHostWith({ metrics: RUNS }, { server: `http://${server.host}:${server.port}` })
  const daemon = await startBootAgent(host)
  await daemon.line(({ kind }) => kind === 'job-accepted')
  expect(Object.values(metafileOf(host).jobs).length).toBeGreaterThanOrEqual(50)
  expect(await bootagent(host, 'stop', 'metrics')).toMatchObject({ code: 0 })
})

/** Resolves when it has left. */
function postAndLeave(socketPath: string, path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const asked = request({ socketPath, method: 'POST', path, signal })
    asked.once('error', () => resolve())
    asked.end()
  })
}
