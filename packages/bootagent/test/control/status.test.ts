import { existsSync, rmSync, statSync } from 'node:fs'
import type { StatusReport } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import type { HostPicture } from '../../src/control/picture.ts'
import { type Asked, scriptedServer } from '../remote/scripted-server.ts'
import { RELEASE } from '../supervise/host.ts'
import { ask, bootagent, createHostWith, freePort, startBootAgent } from './daemon.ts'

const RUNS = { fixture: 'runs-forever' }
const GIVEN_UP = { fixture: 'exits', args: ['3'], restart: { strikes: 0 } }
const STOPPED = { ...RUNS, record: { wanted: 'stopped' } } as const

test('status is what the daemon knows, of all agents or of one', async () => {
  const host = createHostWith({ metrics: RUNS, stopped: STOPPED })
  const daemon = await startBootAgent(host)
  const { pid } = await daemon.line(({ kind }) => kind === 'agent-started')
  const { code, data, talk } = await bootagent(host, 'status')
  expect([code, talk, data.split('\n').length]).toEqual([0, '', 9])
  expect(data).toMatch(/^BootAgent \S+ runs: process \d+, since .* UTC, without a guard$/m)
  expect(data).toMatch(new RegExp(`^metrics +${RELEASE} +running +running +${String(pid)} .* its process runs$`, 'm'))
  expect(data).toMatch(/^stopped .* stopped on request$/m)
  expect(data).toMatch(/^Limits by (?:cgroup-v1|cgroup-v2|hybrid|systemd|none): ./m)

  expect((await bootagent(host, 'status', 'stopped')).data.split('\n')).toHaveLength(5)
  const { agents, running } = JSON.parse((await bootagent(host, 'status', 'metrics', '--json')).data) as HostPicture
  expect([running, agents]).toMatchObject([true, [{ name: 'metrics', pid, status: 'running' }]])
  expect(await bootagent(host, 'status', 'nobody')).toEqual({
    code: 1,
    data: '',
    talk: 'bootagent: nobody is not installed on this host; there are metrics, stopped\n',
  })
})

test('what operators are shown at the host is what the server is told', async () => {
  const diary: Asked[] = []
  const server = await scriptedServer('server', diary, () => ({ status: 0, agentsn: 'test', jobs: [] }))
  const agents = { metrics: RUNS, broken: GIVEN_UP, stopped: STOPPED }
  const host = createHostWith(agents, { server: `http://${server.host}:${server.port}` })
  const daemon = await startBootAgent(host)
  await Promise.all(['agent-started', 'agent-fatal'].map((word) => daemon.line(({ kind }) => kind === word)))
  const picture = JSON.parse((await ask(host.paths.control, 'GET', '/status')).body) as HostPicture
  await daemon.nextLine(({ kind }) => kind === 'reported')
  await daemon.nextLine(({ kind }) => kind === 'reported')

  const report = diary.at(-1)?.body as unknown as StatusReport
  const words = ({ name, status, state, reason, pid }: Partial<Omit<StatusReport['agents'][number], 'failed'>>) => [
    name,
    status,
    state,
    reason,
    pid,
  ]
  expect(picture.agents.map(words)).toEqual(report.agents.map(words))
  expect(report.agents.map(({ status }) => status).toSorted()).toEqual(['fatal', 'running', 'stoped'])
})

test('why says on one screen what happened and what can be done', async () => {
  const host = createHostWith({ broken: GIVEN_UP })
  const daemon = await startBootAgent(host)
  await daemon.line(({ kind }) => kind === 'agent-fatal')
  const { code, data } = await bootagent(host, 'why', 'broken')
  expect(code).toBe(0)
  expect(data).toMatch(/^broken is fatal: .*ended with exit code 3.*/)
  expect(data).toMatch(/^ {2}bootagent reset broken /m)
  expect(data.split('\n').length).toBeLessThan(40)
  const agent = JSON.parse((await bootagent(host, 'why', 'broken', '--json')).data) as HostPicture['agents'][number]
  expect(agent).toMatchObject({ state: 'fatal', strikes: 1, strikesAllowed: 0, exits: [{ how: 'ended with exit code 3' }] })
  expect(await bootagent(host, 'why', 'nobody')).toMatchObject({ code: 1, data: '' })
})

// Killed, it leaves its socket; nobody answers there, and that is not the same as nothing to say.
test('of a killed daemon’s host the disk tells, and the command says so', async () => {
  const host = createHostWith({ metrics: RUNS, broken: GIVEN_UP })
  const daemon = await startBootAgent(host)
  const { pid } = await daemon.line(({ kind }) => kind === 'agent-started')
  await daemon.line(({ kind }) => kind === 'agent-fatal')
  await daemon.stop('SIGKILL')
  expect(statSync(host.paths.control).isSocket()).toBe(true)

  const { code, data, talk } = await bootagent(host, 'status')
  expect([code, talk]).toEqual([3, 'bootagent: BootAgent is not running; this is what the disk and /proc say\n'])
  expect(data).toMatch(new RegExp(`^metrics .* running +${String(pid)} `, 'm'))
  expect(data).toMatch(/^broken .* fatal .* ended with exit code 3/m)
  expect(JSON.parse((await bootagent(host, 'status', '--json')).data)).toMatchObject({ running: false })
  expect((await bootagent(host, 'why', 'metrics')).data).toContain('start BootAgent')

  const next = await startBootAgent(host)
  expect(await bootagent(host, 'status')).toMatchObject({ code: 0, talk: '' })
  await next.stop('SIGTERM')
  expect(existsSync(host.paths.control)).toBe(false)
})

test('a second daemon leaves the first one’s socket to it', async () => {
  const host = createHostWith({ metrics: RUNS })
  await startBootAgent(host)
  const { ino } = statSync(host.paths.control)
  const second = await startBootAgent(host)
  expect(await second.ended).toContain('(3)')
  expect(statSync(host.paths.control).ino).toBe(ino)
  expect((await ask(host.paths.control, 'GET', '/status')).status).toBe(200)
})

test('a host that was never started has nothing to show', async () => {
  const host = createHostWith({})
  rmSync(host.paths.metafile)
  const answers = [await bootagent(host, 'status'), await bootagent(host, 'why', 'metrics')]
  const never = { code: 1, data: '', talk: `bootagent: ${host.paths.home} has no metafile: this host has never been started\n` }
  expect(answers).toEqual([{ ...never, code: 3 }, never])
})

test('metrics are offered on a port of this host to whom the local configuration says so', async () => {
  const port = await freePort()
  const host = createHostWith({ metrics: RUNS }, { config: { metrics: { port } } })
  const daemon = await startBootAgent(host)
  await daemon.line(({ kind }) => kind === 'agent-started')
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  expect(text).toContain('\nbootagent_agent_up{agent="metrics"} 1\n')
  const { body } = await ask(host.paths.control, 'GET', '/metrics')
  expect(withoutTimes(text)).toBe(withoutTimes(body))
})

/** Seconds may pass between two answers. */
function withoutTimes(text: string): string {
  return text.replace(/^(bootagent_\S*uptime_seconds\S*) \d+$/gm, '$1')
}
