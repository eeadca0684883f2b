import { expect, test } from 'vitest'
import { aHost, aHostInFull, aJob, aPackage } from './samples.ts'
import { scriptedServer } from './scripted-server.ts'
import { bootfleet, NOW } from './terminal.ts'

const SHORT = 'bfdcc18c'
const WHOLE = 'bfdcc18c-b6b9-4725-9c47-37fd93dba5b6'

test('hosts are shown with the age of their last report and their agents', async () => {
  const silent = aHost({ agentsn: '33c5b8b4-5a2c', hostname: 'database-1', tags: '', agents: [], openJobs: 2, version: '' })
  await using server = await scriptedServer({
    'GET /api/v1/hosts': () => ({ json: { hosts: [aHost(), { ...silent, seen: undefined }] } }),
  })
  const { code, out, err } = await bootfleet(server.url, ['hosts'])
  expect(out).toBe(
    [
      'HOST      HOSTNAME    SEEN       BOOTAGENT               TAGS             JOBS  AGENTS',
      `${SHORT}  web-1       3 min ago  bootagent-1.2.4-x86_64  svc=ecs,cmpt=DB  0     metrics 1.0.0 running`,
      '33c5b8b4  database-1  never                                               2',
      '',
    ].join('\n'),
  )
  expect({ code, err }).toEqual({ code: 0, err: '' })
})

test('--wide shows the whole agentsn', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [aHost()] } }) })
  expect((await bootfleet(server.url, ['hosts', '--wide'])).out).toContain(WHOLE)
})

test('a selector is sent to the server', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [] } }) })
  const { err } = await bootfleet(server.url, ['hosts', '--tags', 'svc=ecs'])
  expect(server.requests[0]?.query).toEqual({ tags: 'svc=ecs' })
  expect(err).toBe('no host has the tags svc=ecs\n')
})

test.each([
  ['hosts', { hosts: [] }, 'bootagent -S'],
  ['jobs', { jobs: [] }, 'bootfleet install'],
  ['packages', { packages: [] }, 'bootfleet publish'],
])('an empty list of %s says what to do next, on stderr', async (noun, json, advice) => {
  await using server = await scriptedServer({ [`GET /api/v1/${noun}`]: () => ({ json }) })
  const table = await bootfleet(server.url, [noun])
  expect(table.out).toBe('')
  expect(table.err).toContain(advice)
  expect(await bootfleet(server.url, [noun, '--json'])).toEqual({ code: 0, out: `${JSON.stringify(json)}\n`, err: '' })
})

test('--json gives what the server said, whole and in one line', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [aHost()] } }) })
  const { out } = await bootfleet(server.url, ['hosts', '--json'])
  expect(out.split('\n')).toHaveLength(2)
  expect(JSON.parse(out)).toEqual({ hosts: [aHost()] })
})

test('one host is found by its hostname and shown with its agents, jobs and events', async () => {
  const agents = [
    { name: 'metrics', version: '1.0.0', status: 'running' as const, uptime: 7200 },
    { name: 'logs', version: '2.0.0', status: 'fatal' as const, uptime: 0, reason: 'it failed 4 times in a row' },
  ]
  const jobs = [
    {
      id: 'job-1',
      action: 'install',
      name: 'logs',
      created: NOW - 7200,
      state: 'failed' as const,
      errcode: 30_040_001,
      message: 'no',
    },
  ]
  const events = [{ id: '1', timestamp: NOW - 60, category: 'agent-exit', subject: 'logs', message: 'exit code 3' }]
  await using server = await scriptedServer({
    'GET /api/v1/hosts': () => ({ json: { hosts: [aHost(), aHost({ agentsn: 'other', hostname: 'web-2' })] } }),
    [`GET /api/v1/hosts/${WHOLE}`]: () => ({ json: aHostInFull({ agents, jobs, events }) }),
  })
  const { out } = await bootfleet(server.url, ['host', 'web-1'])
  expect(out).toMatch(/^agentsn +bfdcc18c-b6b9-4725-9c47-37fd93dba5b6$/m)
  expect(out).toMatch(/^seen +3 min ago; it reports every 10 min$/m)
  expect(out).toMatch(/^metrics +1.0.0 +running +2 h$/m)
  expect(out).toMatch(/^logs +2.0.0 +fatal +it failed 4 times in a row$/m)
  expect(out).toMatch(/^job-1 +install +logs +2 h ago +failed: no \[start-failed\]$/m)
  expect(out).toMatch(/^1 min ago +agent-exit +logs +exit code 3$/m)
})

test('of each agent is shown what its host has told: why it ended, what it uses, how often it was started again', async () => {
  const agents = [
    {
      name: 'metrics',
      version: '1.0.0',
      status: 'running' as const,
      uptime: 60,
      restarts: 0,
      resource: { cpu: 12.34, rss: 1536, fds: 9 },
    },
    {
      name: 'logs',
      version: '2.0.0',
      status: 'killed' as const,
      uptime: 0,
      restarts: 3,
      cause: 'oom' as const,
      reason: 'ended by SIGKILL; strike 1 of 3',
    },
  ]
  await using server = await scriptedServer({
    'GET /api/v1/hosts': () => ({ json: { hosts: [aHost()] } }),
    [`GET /api/v1/hosts/${WHOLE}`]: () => ({ json: aHostInFull({ agents }) }),
  })
  const { out } = await bootfleet(server.url, ['host', 'web-1'])
  expect(out).toMatch(/^AGENT +VERSION +STATUS +UP +CPU +RSS +RESTARTS +WHY$/m)
  expect(out).toMatch(/^metrics +1.0.0 +running +1 min +12.3% +1.5 KiB +0$/m)
  expect(out).toMatch(/^logs +2.0.0 +killed +3 +ended by SIGKILL; strike 1 of 3 \[oom\]$/m)
})

test('tags are replaced, and the host is shown as it is then', async () => {
  await using server = await scriptedServer({
    'GET /api/v1/hosts': () => ({ json: { hosts: [aHost()] } }),
    [`PATCH /api/v1/hosts/${WHOLE}`]: ({ body }) => ({ json: aHostInFull(JSON.parse(body.toString()) as { tags: string }) }),
  })
  expect((await bootfleet(server.url, ['host', SHORT, '--set-tags', 'svc=web'])).out).toMatch(/^tags +svc=web$/m)
  expect((await bootfleet(server.url, ['host', SHORT, '--set-tags', ''])).out).toMatch(/^tags$/m)
})

test('jobs are shown with how many hosts are where', async () => {
  const { hosts: _, ...summary } = aJob([{ state: 'succeeded' }, { state: 'succeeded' }, { state: 'running' }])
  await using server = await scriptedServer({ 'GET /api/v1/jobs': () => ({ json: { jobs: [summary] } }) })
  expect((await bootfleet(server.url, ['jobs'])).out).toMatch(
    /^job-1 +install +metrics +1.0.0 +1 min ago +1 running, 2 succeeded$/m,
  )
})

// Only --wait takes the job's success for the command's own: looking at a failed job is no failure.
test('a job is shown host by host, and a look at a failed one ends with 0', async () => {
  const job = aJob([{ state: 'failed', errcode: 30_030_001, message: 'other bytes' }])
  await using server = await scriptedServer({ 'GET /api/v1/jobs/job-1': () => ({ json: job }) })
  const { code, out } = await bootfleet(server.url, ['job', 'job-1'])
  expect(out).toMatch(/^bfdcc18c +web-1 +failed: other bytes \[checksum-mismatch\]$/m)
  expect(code).toBe(0)
})

test('packages are shown with their platform, size and what they run', async () => {
  const packages = [aPackage({ run: { exec: 'bin/metrics', args: ['--fast'] } })]
  await using server = await scriptedServer({ 'GET /api/v1/packages': () => ({ json: { packages } }) })
  const { out } = await bootfleet(server.url, ['packages'])
  expect(out).toMatch(/^metrics +1.0.0 +linux\/any +1.5 KiB +1 h ago +4a34b8d7d300 +bin\/metrics --fast$/m)
})

test.each([
  { where: 'a terminal', setting: { columns: 80 }, coloured: true },
  { where: 'a pipe', setting: {}, coloured: false },
  { where: 'a terminal with NO_COLOR', setting: { columns: 80, env: { NO_COLOR: '1' } }, coloured: false },
  { where: 'a terminal with TERM=dumb', setting: { columns: 80, env: { TERM: 'dumb' } }, coloured: false },
])('what goes to $where has colour: $coloured', async ({ setting, coloured }) => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [aHost()] } }) })
  expect((await bootfleet(server.url, ['hosts'], setting)).out.includes('\x1b[')).toBe(coloured)
})

// The threat: a compromised host names itself so that the operator's terminal retitles, recolours or hides a row.
test('what a hostile host says reaches no terminal as a command', async () => {
  const hostile = '\x1b[2J\x9b31m\r\n\u202eevil'
  const host = aHost({
    hostname: hostile,
    tags: hostile,
    version: hostile,
    agents: [{ name: hostile, version: '', status: 'killed', uptime: 0 }],
  })
  const job = aJob([{ hostname: hostile, state: 'failed', message: hostile }], { name: hostile })
  await using server = await scriptedServer({
    'GET /api/v1/hosts': () => ({ json: { hosts: [host] } }),
    'GET /api/v1/jobs/job-1': () => ({ json: job }),
    'GET /api/v1/jobs/job-2': () => ({ status: 409, json: { code: 'conflict', message: hostile } }),
  })
  for (const argv of [['hosts'], ['hosts', '--json'], ['job', 'job-1'], ['job', 'job-1', '--wait'], ['job', 'job-2']]) {
    const { out, err } = await bootfleet(server.url, argv)
    expect(`${out}${err}`.length, argv.join(' ')).toBeGreaterThan(0)
    expect(`${out}${err}`.replaceAll('\n', ''), argv.join(' ')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  }
})
