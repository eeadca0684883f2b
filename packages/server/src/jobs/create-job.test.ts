import type { CreateJob } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import type { Host } from '../hosts/host.ts'
import type { Package } from '../packages/package.ts'
import { memoryStores } from '../stores.memory.ts'
import { createJob } from './create-job.ts'
import { wireJob } from './wire-job.ts'

const HOSTS: readonly Partial<Host>[] = [
  { agentsn: 'x', hostname: 'web-x', tags: 'svc=web,env=prod', platform: { os: 'linux', arch: 'x64' } },
  { agentsn: 'arm', hostname: 'web-arm', tags: 'svc=web', platform: { os: 'linux', arch: 'arm64' } },
  { agentsn: 'seed', hostname: 'db', tags: 'svc=db', version: 'bootagent-1.2.4-x86_64' },
]

// In the order of publishing; 1.0 for arm64 came after 2.0.
const PACKAGES: readonly Partial<Package>[] = [
  { name: 'metrics', version: '1.0', arch: 'x64' },
  { name: 'metrics', version: '2.0', arch: 'x64' },
  { name: 'metrics', version: '2.0', arch: 'any' },
  { name: 'metrics', version: '1.0', arch: 'arm64' },
  { name: 'logs', version: '1.0', arch: 'x64' },
]

/** A package that nobody published. */
const ELSEWHERE = { url: 'ftp://packages.example/ghost-1.2.tar.gz', checksum: `SHA512:${'a'.repeat(128)}`, rate: 100 }

async function withFleet() {
  const stores = memoryStores()
  for (const host of HOSTS) await stores.hosts.add({ agentsn: '', hostname: '', tags: '', version: '', registered: 1, ...host })
  for (const [index, each] of PACKAGES.entries()) {
    const facts = { os: 'linux', format: 'tar.gz', file: 'a.tar.gz', size: 1, sha256: 'a'.repeat(64), published: 1 } as const
    await stores.packages.add({ position: index + 1, name: '', version: '', arch: '', ...facts, ...each })
  }
  const create = (request: CreateJob) => createJob(stores, { request, id: 'j-1', now: 100 })
  const packagesOf = async () => {
    const found = await Promise.all(HOSTS.map(({ agentsn = '' }) => stores.jobs.find(agentsn, 'j-1')))
    return Object.fromEntries(found.flatMap((each) => (each === undefined ? [] : [[each.agentsn, each.package]])))
  }
  return { ...stores, create, packagesOf }
}

test.each<[string, CreateJob['target'], string[]]>([
  ['all hosts', { all: true }, ['x', 'arm', 'seed']],
  ['hosts by one tag', { tags: 'svc=web' }, ['x', 'arm']],
  ['hosts by two tags', { tags: 'env=prod,svc=web' }, ['x']],
  ['named hosts, each once', { hosts: ['seed', 'x', 'seed'] }, ['x', 'seed']],
])('a job is for %s', async (_, target, expected) => {
  const { create, packagesOf } = await withFleet()
  await create({ target, action: 'stop', name: 'metrics' })
  expect(Object.keys(await packagesOf()).sort()).toEqual([...expected].sort())
})

test('without a version the one published last goes out, each host getting the package for its processor', async () => {
  const { create, packagesOf } = await withFleet()
  const job = await create({ target: { all: true }, action: 'install', name: 'metrics' })
  expect(job.version).toBe('2.0')
  expect(await packagesOf()).toEqual({ x: 2, arm: 3, seed: 2 })
})

test('a version that is asked for goes out', async () => {
  const { create, packagesOf } = await withFleet()
  await create({ target: { all: true }, action: 'upgrade', name: 'metrics', version: '1.0' })
  expect(await packagesOf()).toEqual({ x: 1, arm: 4, seed: 1 })
})

test('only what the action takes is kept', async () => {
  const { create } = await withFleet()
  const { settings } = await create({ target: { all: true }, action: 'uninstall', name: 'metrics', purge: true, step: 60 })
  expect(settings).toEqual({ purge: true })
})

test.each<[string, CreateJob, string]>([
  ['an unknown host', { target: { hosts: ['x', 'nobody'] }, action: 'stop', name: 'metrics' }, 'there is no host nobody'],
  ['tags that no host has', { target: { tags: 'svc=none' }, action: 'stop', name: 'metrics' }, 'no host has the tags svc=none'],
  [
    'a package nobody published',
    { target: { all: true }, action: 'install', name: 'ghost' },
    'no package ghost has been published',
  ],
  [
    'a package missing for one host',
    { target: { all: true }, action: 'install', name: 'logs' },
    'logs 1.0 is not published for linux/arm64, which host web-arm (arm) needs',
  ],
  [
    'a version nobody published',
    { target: { hosts: ['x'] }, action: 'install', name: 'metrics', version: '3.0' },
    'metrics 3.0 is not published for linux/x64, which host web-x (x) needs',
  ],
])('%s matches nothing, and no host gets the job', async (_, request, message) => {
  const { create, packagesOf } = await withFleet()
  await expect(create(request)).rejects.toMatchObject({ code: 'nothing-matches', message })
  expect(await packagesOf()).toEqual({})
})

test.each<[CreateJob, RegExp]>([
  [{ target: { all: true }, action: 'stop' }, /needs the name/],
  [{ target: { all: true }, action: 'config' }, /needs a svrlist or a step/],
  [{ target: { all: true }, action: 'config', name: 'metrics', step: 60 }, /takes no name/],
  [{ target: { all: true }, action: 'config', svrlist: 'http://a b' }, /not a server/],
  [{ target: { all: true }, action: 'config', step: 1.5 }, /step/],
  [{ target: { all: true }, action: 'stop', name: 'BootAgent' }, /BootAgent is this program/],
  [{ target: { all: true }, action: 'install', name: 'metrics', limits: { memory: '20X' } }, /limits.memory/],
  [{ target: { all: true }, action: 'install', name: 'metrics', envs: { 'A=B': '' } }, /envs/],
  [{ target: { all: true }, action: 'install', name: 'metrics', rate: 0.5 }, /rate/],
  [{ target: { all: true }, action: 'install', name: 'metrics', checksum: ELSEWHERE.checksum }, /give the url too/],
  [{ target: { all: true }, action: 'install', name: 'ghost', url: ELSEWHERE.url }, /checksum is missing/],
  [{ target: { all: true }, action: 'install', name: 'ghost', url: 'gopher://a/b', checksum: ELSEWHERE.checksum }, /gopher/],
])('what every host would refuse is refused at once: %j', async (request, message) => {
  const { create } = await withFleet()
  await expect(create(request)).rejects.toMatchObject({ code: 'bad-request', message: expect.stringMatching(message) })
})

test('a package of a url need not be published: the host is told where it is, and what it hashes to', async () => {
  const { create, packagesOf, jobs } = await withFleet()
  const wanted: CreateJob = { target: { hosts: ['x'] }, action: 'install', name: 'ghost', version: '1.2', ...ELSEWHERE }
  expect(await create(wanted)).toMatchObject({ version: '1.2', settings: ELSEWHERE })
  expect(await packagesOf()).toEqual({ x: undefined })
  const assignment = await jobs.find('x', 'j-1')
  if (assignment === undefined) throw new Error('no assignment')
  expect(wireJob(assignment.job, undefined, 'http://server')).toEqual({
    id: 'j-1',
    action: 'install',
    name: 'ghost',
    version: '1.2',
    ...ELSEWHERE,
  })
})

test('a published package may be fetched no faster than is said', async () => {
  const { create } = await withFleet()
  const { settings } = await create({ target: { all: true }, action: 'install', name: 'metrics', rate: 50 })
  expect(settings).toEqual({ rate: 50 })
})

test('no hosts at all is said as such', async () => {
  const request: CreateJob = { target: { all: true }, action: 'stop', name: 'metrics' }
  const created = createJob(memoryStores(), { request, id: 'j-1', now: 100 })
  await expect(created).rejects.toMatchObject({ code: 'nothing-matches', message: 'no host has registered yet' })
})
