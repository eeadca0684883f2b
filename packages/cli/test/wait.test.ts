import type { JobDetail } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { run } from '../src/index.ts'
import { aHost, aJob } from './samples.ts'
import { type Answer, refuse, scriptedServer } from './scripted-server.ts'
import { createTerminal } from './terminal.ts'

const TWIN = { agentsn: '33c5b8b4-5a2c-43c5-ab90-96721451b4ec', hostname: 'web-2' }
const DOWNLOAD = { id: 'job-1', action: 'install', stage: 'download the package', total: 100 }

/** A server whose job is, look after look, as the script says; the last look stays. */
async function jobServer(looks: readonly (JobDetail | Answer)[]) {
  let at = 0
  const next = (): Answer => {
    const look = looks[Math.min(at, looks.length - 1)] ?? refuse(404, 'not-found', 'no such job')
    at += 1
    return 'hosts' in look ? { json: look } : look
  }
  return scriptedServer({
    'GET /api/v1/jobs/job-1': next,
    'GET /api/v1/hosts': () => ({ json: { hosts: [aHost()] } }),
    'POST /api/v1/jobs': () => ({ json: aJob([{}]) }),
  })
}

/** Runs a command that waits, letting a second pass each time it has come to rest, until it ends. */
async function runToEnd(url: string, argv: readonly string[], setting: { seconds?: number } = {}) {
  const terminal = createTerminal({ env: { BOOTFLEET_SERVER: url } })
  let ended = false
  const running = run(argv, terminal).finally(() => {
    ended = true
  })
  for (;;) {
    await Promise.race([terminal.clock.sleeping(), running])
    if (ended) break
    await terminal.clock.advance((setting.seconds ?? 1) * 1000)
  }
  return { code: await running, out: terminal.out(), err: terminal.err() }
}

test('each change of each host is told once, and the end is a table', async () => {
  await using server = await jobServer([
    aJob([{}, TWIN]),
    aJob([{ state: 'offered' }, TWIN]),
    aJob([{ state: 'running', progress: { ...DOWNLOAD, done: 41 } }, TWIN]),
    aJob([{ state: 'running', progress: { ...DOWNLOAD, done: 45 } }, TWIN]),
    aJob([
      { state: 'succeeded', message: 'installed 1.0.0' },
      { ...TWIN, state: 'succeeded' },
    ]),
  ])
  const { code, out, err } = await runToEnd(server.url, ['job', 'job-1', '--wait'])
  expect(err.trim().split('\n')).toEqual([
    'web-1 (bfdcc18c): waits for the host to report',
    'web-2 (33c5b8b4): waits for the host to report',
    'web-1 (bfdcc18c): sent to the host',
    'web-1 (bfdcc18c): download the package, 40 %',
    'web-1 (bfdcc18c): succeeded: installed 1.0.0',
    'web-2 (33c5b8b4): succeeded',
  ])
  expect(out).toMatch(/^job-1 .* 2 succeeded$/m)
  expect(out).toMatch(/^33c5b8b4 +web-2 +succeeded$/m)
  expect(code).toBe(0)
})

test('one host that failed makes the end 1', async () => {
  await using server = await jobServer([
    aJob([{ state: 'succeeded' }, { ...TWIN, state: 'failed', errcode: 30_060_001, message: 'no room' }]),
  ])
  const { code, out } = await runToEnd(server.url, ['install', 'metrics', '--all', '--wait'])
  expect(out).toMatch(/^33c5b8b4 +web-2 +failed: no room \[disk-full\]$/m)
  expect(code).toBe(1)
})

test('with --json every event is one line of JSON, and nothing is said beside them', async () => {
  await using server = await jobServer([aJob([{}]), aJob([{ state: 'succeeded' }])])
  const { code, out, err } = await runToEnd(server.url, ['install', 'metrics', '--all', '--wait', '--json'])
  const events = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; host?: { state: string }; outcome?: string })
  expect(events.map(({ event, host, outcome }) => [event, host?.state ?? outcome])).toEqual([
    ['created', undefined],
    ['host', 'queued'],
    ['host', 'succeeded'],
    ['end', 'done'],
  ])
  expect({ code, err }).toEqual({ code: 0, err: '' })
})

test('when the time to wait is over it says that the job goes on, and ends with 5', async () => {
  await using server = await jobServer([aJob([{}])])
  const { code, err } = await runToEnd(server.url, ['job', 'job-1', '--wait', '--timeout', '3'])
  expect(err).toMatch(/the time to wait is over; the job goes on: bootfleet job job-1 --wait\n$/)
  expect(server.requests).toHaveLength(4)
  expect(code).toBe(5)
})

test('Ctrl-C ends the waiting, not the job, and says how to look again', async () => {
  await using server = await jobServer([aJob([{}])])
  const terminal = createTerminal({ env: { BOOTFLEET_SERVER: server.url } })
  const running = run(['job', 'job-1', '--wait'], terminal)
  await terminal.clock.sleeping()
  terminal.pressCtrlC()
  expect(await running).toBe(130)
  expect(terminal.err()).toMatch(/no longer waiting; the job goes on: bootfleet job job-1 --wait\n$/)
})

test('Ctrl-C in the middle of a look is the same', async () => {
  const asked = Promise.withResolvers<void>()
  await using server = await scriptedServer({
    'GET /api/v1/jobs/job-1': () => {
      asked.resolve()
      return new Promise(() => undefined)
    },
  })
  const terminal = createTerminal({ env: { BOOTFLEET_SERVER: server.url } })
  const running = run(['job', 'job-1', '--wait'], terminal)
  await asked.promise
  terminal.pressCtrlC()
  expect(await running).toBe(130)
  expect(terminal.err()).toBe('no longer waiting; the job goes on: bootfleet job job-1 --wait\n')
})

// The server is upgraded while a rollout is watched: the watcher must live through it.
test('a server that is away for a while is waited for, and each absence is told once', async () => {
  const away = refuse(503, 'busy', 'restarting')
  await using server = await jobServer([aJob([{}]), away, away, away, aJob([{}]), away, away, aJob([{ state: 'succeeded' }])])
  const { code, err } = await runToEnd(server.url, ['job', 'job-1', '--wait'])
  expect(err.match(/restarting; still trying/g)).toHaveLength(2)
  expect(code).toBe(0)
})

test('a server that stays away is given up after two minutes', async () => {
  await using server = await jobServer([aJob([{}]), refuse(503, 'busy', 'restarting')])
  const { code } = await runToEnd(server.url, ['job', 'job-1', '--wait'], { seconds: 60 })
  expect(server.requests.length).toBeLessThan(6)
  expect(code).toBe(4)
})

test('a job that is not there is not waited for', async () => {
  await using server = await jobServer([refuse(404, 'not-found', 'no such job')])
  expect((await runToEnd(server.url, ['job', 'job-1', '--wait'])).code).toBe(4)
})
