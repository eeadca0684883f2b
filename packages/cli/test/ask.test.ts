import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { aHost, aJob } from './samples.ts'
import { type Script, scriptedServer } from './scripted-server.ts'
import { bootfleet } from './terminal.ts'

const WEB_1 = aHost()
const WEB_2 = aHost({ agentsn: '33c5b8b4-5a2c-43c5-ab90-96721451b4ec', hostname: 'web-2' })

const SCRIPT: Script = {
  'GET /api/v1/hosts': () => ({ json: { hosts: [WEB_1, WEB_2] } }),
  'POST /api/v1/jobs': () => ({ json: aJob([{}]) }),
}

const EVERY = { all: true }

test.each<[string, object]>([
  ['install metrics --all', { action: 'install', name: 'metrics', target: EVERY }],
  ['install metrics --tags svc=ecs,cmpt=DB', { action: 'install', name: 'metrics', target: { tags: 'svc=ecs,cmpt=DB' } }],
  [
    'install metrics --host web-1 33c5',
    { action: 'install', name: 'metrics', target: { hosts: [WEB_1.agentsn, WEB_2.agentsn] } },
  ],
  ['install metrics --host web-1 --host bfdcc', { action: 'install', name: 'metrics', target: { hosts: [WEB_1.agentsn] } }],
  [
    'install metrics --all --package-version 1.2.0 --env A=1 B=x=y --cpu 10% --memory 20M --pids 50 --nofile 100 --expect none --exec bin/m --arg --json --arg run',
    {
      action: 'install',
      name: 'metrics',
      target: EVERY,
      version: '1.2.0',
      envs: { A: '1', B: 'x=y' },
      limits: { CPU: '10%', memory: '20M', pids: 50, nofile: 100 },
      expect: 'none',
      run: { exec: 'bin/m', args: ['--json', 'run'] },
    },
  ],
  ['upgrade metrics --all --expect 1.0.0', { action: 'upgrade', name: 'metrics', target: EVERY, expect: '1.0.0' }],
  [
    `upgrade metrics --all --package-version 1.2 --url ftp://mirror/metrics.tgz --checksum SHA512:aa --size 12 --rate 500`,
    {
      action: 'upgrade',
      name: 'metrics',
      target: EVERY,
      version: '1.2',
      url: 'ftp://mirror/metrics.tgz',
      checksum: 'SHA512:aa',
      size: 12,
      rate: 500,
    },
  ],
  ['uninstall metrics --all', { action: 'uninstall', name: 'metrics', target: EVERY }],
  ['uninstall metrics --all --purge', { action: 'uninstall', name: 'metrics', target: EVERY, purge: true }],
  ['start metrics --all', { action: 'start', name: 'metrics', target: EVERY }],
  ['stop metrics --all', { action: 'stop', name: 'metrics', target: EVERY }],
  ['restart metrics --all', { action: 'restart', name: 'metrics', target: EVERY }],
  ['reset metrics --all', { action: 'reset', name: 'metrics', target: EVERY }],
  ['config --all --svrlist a:1234,b --step 1200', { action: 'config', target: EVERY, svrlist: 'a:1234,b', step: 1200 }],
])('%s asks for just that', async (line, request) => {
  await using server = await scriptedServer(SCRIPT)
  const { code, out, err } = await bootfleet(server.url, line.split(' '))
  expect(server.posted()).toEqual([request])
  expect(code).toBe(0)
  expect(out).toMatch(/^job-1 +install/m)
  expect(err).toBe('see how it goes: bootfleet job job-1 --wait\n')
})

test.each([
  ['cancel job-0', {}],
  ['cancel job-0 --host web-1 33c5', { hosts: [WEB_1.agentsn, WEB_2.agentsn] }],
])('%s asks for just that, and shows the job that calls off', async (line, order) => {
  const cancel = aJob([{}], { action: 'cancel', version: undefined, job: 'job-0' })
  await using server = await scriptedServer({ ...SCRIPT, 'POST /api/v1/jobs/job-0/cancel': () => ({ json: cancel }) })
  const { code, out, err } = await bootfleet(server.url, line.split(' '))
  expect(server.posted()).toEqual([order])
  expect(code).toBe(0)
  expect(out).toMatch(/^job-1 +cancel of job-0 +metrics/m)
  expect(err).toBe('see how it goes: bootfleet job job-1 --wait\n')
})

test('what a file says of running an agent is asked for too, and an option goes over it', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bootfleet-'))
  onTestFinished(() => rmSync(directory, { recursive: true }))
  const settings = { health: { kind: 'tcp', port: 80 }, restart: { delay: 5 }, limits: { memory: '20M', pids: 5 } }
  writeFileSync(`${directory}/settings.json`, JSON.stringify(settings))
  await using server = await scriptedServer(SCRIPT)
  const options = ['--all', '--settings', `${directory}/settings.json`, '--pids', '9']
  expect(await bootfleet(server.url, ['install', 'metrics', ...options])).toMatchObject({ code: 0 })
  const limits = { memory: '20M', pids: 9 }
  expect(server.posted()).toEqual([{ ...settings, limits, action: 'install', name: 'metrics', target: EVERY }])

  writeFileSync(`${directory}/settings.json`, JSON.stringify({ helth: {} }))
  expect(await bootfleet(server.url, ['install', 'metrics', ...options])).toMatchObject({
    code: 2,
    err: expect.stringContaining('helth'),
  })
})

// Who names the server by an option would otherwise be told to ask another one.
test('the advice is for the server that was asked', async () => {
  await using server = await scriptedServer(SCRIPT)
  const { err } = await bootfleet('', ['--server', server.url, 'stop', 'metrics', '--all'])
  expect(err).toBe(`see how it goes: bootfleet job job-1 --wait --server ${server.url}\n`)
})

// Each of these must be seen before anything reaches a host: no job is made.
test.each([
  ['install', /missing required argument 'name'/],
  ['install metrics', /say which hosts: --host SN …, --tags k=v, or --all/],
  ['install metrics --all --tags a=b', /exclude each other/],
  ['install metrics --host web', /no host is called "web"/],
  ['install metrics --tags nonsense', /tags: key=value/],
  ['install metrics --all --url ftp://mirror/metrics.tgz', /--url and --checksum belong together/],
  ['install metrics --all --checksum SHA256:aa', /--url and --checksum belong together/],
  ['install metrics --all --size 12', /--size belongs to --url/],
  ['install metrics --all --arg x', /--arg gives arguments to a program: it needs --exec/],
  ['install metrics --all --exec ../sh', /run\.exec: a relative path inside the package/],
  ['install a/b --all', /name: 1 to 50 letters/],
  ['install metrics --all --env A', /--env A: write NAME=VALUE/],
  ['install metrics --all --cpu ten', /limits\.CPU "ten" is not a share/],
  ['install metrics --all --memory 20X', /limits\.memory "20X" is not a size/],
  ['install metrics --all --pids 0', /limits\.pids: /],
  ['install metrics --all --nofile many', /limits\.nofile: /],
  ['install metrics --all --settings /nowhere.json', /\/nowhere\.json cannot be read as JSON/],
  ['install metrics --all --package-version a/b', /version: 1 to 64 letters/],
  ['install metrics --all --timeout 5', /it needs --wait/],
  ['install metrics --all --wait --timeout soon', /not a whole number of seconds/],
  ['install metrics --all --purge', /unknown option '--purge'/],
  ['config --all', /say what to change/],
  ['config --all --svrlist ,', /names no server/],
  ['config --all --svrlist http://a/b', /"http:\/\/a\/b" is not a server/],
  ['config --all --step 1.5', /not a whole number of seconds/],
  ['job job-1 --timeout 5', /it needs --wait/],
  ['hosts --tags nonsense', /tags: key=value/],
  ['host web-1 --set-tags nonsense', /tags: key=value/],
])('%s is a usage error that says why', async (line, why) => {
  await using server = await scriptedServer(SCRIPT)
  const { code, out, err } = await bootfleet(server.url, line.split(' '))
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(why)
  expect(server.posted()).toEqual([])
})

test('a name that fits two hosts makes no job and lists both', async () => {
  const twins = [aHost({ agentsn: 'aaa1' }), aHost({ agentsn: 'aaa2' })]
  await using server = await scriptedServer({ ...SCRIPT, 'GET /api/v1/hosts': () => ({ json: { hosts: twins } }) })
  const { code, err } = await bootfleet(server.url, ['stop', 'metrics', '--host', 'web-1'])
  expect(code).toBe(2)
  expect(err).toBe('bootfleet: "web-1" may be any of aaa1 (web-1), aaa2 (web-1)\n')
  expect(server.posted()).toEqual([])
})

test.each([
  [['hots'], /Did you mean .*hosts/],
  [['install', 'metrics', '--al'], /Did you mean --all\?/],
  [[], /Commands:/],
])('%j ends with 2 and a usage that helps', async (argv, help) => {
  const { code, out, err } = await bootfleet('', argv)
  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toMatch(help)
  expect(err).toMatch(/usage: bootfleet/i)
})

test.each([
  [['-h'], /Examples:\n {2}bootfleet hosts/],
  [['install', '--help'], /Examples:\n {2}bootfleet install/],
  [['help', 'config'], /Usage: bootfleet config/],
  [['-V'], /^bootfleet \d+\.\d+\.\d+\n$/],
])('%j is answered on stdout with 0', async (argv, text) => {
  const { code, out, err } = await bootfleet('', argv)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toMatch(text)
})
