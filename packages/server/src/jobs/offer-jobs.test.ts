import { MAX_REPLY_BYTES, readJob } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import type { Package } from '../packages/package.ts'
import type { Assignment, FleetJob } from './job.ts'
import { offerJobs } from './offer-jobs.ts'

const PACKAGE: Package = {
  position: 7,
  name: 'metrics',
  version: '1.0.0',
  os: 'linux',
  arch: 'x64',
  format: 'tar.gz',
  file: 'metrics-1.0.0.tar.gz',
  size: 1234,
  sha256: 'a'.repeat(64),
  run: { exec: 'bin/metrics' },
  published: 1,
}

const INSTALL: FleetJob = {
  id: 'j-1',
  position: 1,
  action: 'install',
  name: 'metrics',
  version: '1.0.0',
  created: 1,
  settings: {},
}
const STOP: FleetJob = { id: 'j-2', position: 2, action: 'stop', name: 'metrics', created: 2, settings: {} }

const assigned = (job: FleetJob, fields: Partial<Assignment> = {}): Assignment => ({
  job,
  agentsn: 'sn-1',
  state: 'queued',
  ...fields,
})
const BASIS = { packages: [PACKAGE], progress: [], base: 'http://server:8180' }

test('an install is offered with all that the host needs to fetch, check and run the package', () => {
  const [offer] = offerJobs({ ...BASIS, open: [assigned(INSTALL, { package: 7 })] })
  expect(offer?.wire).toEqual({
    id: 'j-1',
    action: 'install',
    name: 'metrics',
    version: '1.0.0',
    url: `http://server:8180/packages/${'a'.repeat(64)}/metrics-1.0.0.tar.gz`,
    checksum: `SHA256:${'a'.repeat(64)}`,
    size: 1234,
    run: { exec: 'bin/metrics' },
  })
})

test('what an operator set goes along, and before what the package says', () => {
  const settings = { run: { exec: 'bin/other' }, envs: { A: '1' }, limits: { CPU: '10%' }, expect: 'none', deadline: 99 }
  const [offer] = offerJobs({ ...BASIS, open: [assigned({ ...INSTALL, settings }, { package: 7 })] })
  expect(offer?.wire).toMatchObject(settings)
})

test('whatever is offered, a host can read', () => {
  const open = [assigned(INSTALL, { package: 7 }), assigned(STOP)]
  for (const { wire } of offerJobs({ ...BASIS, open })) expect(readJob(JSON.parse(JSON.stringify(wire))).kind).toBe('job')
})

test('jobs are offered in order, also those offered before', () => {
  const open = [assigned(INSTALL, { package: 7, state: 'offered' }), assigned(STOP)]
  expect(offerJobs({ ...BASIS, open }).map(({ wire }) => wire['id'])).toEqual(['j-1', 'j-2'])
})

test('what the host says it has in hand is not sent again', () => {
  const open = [assigned(INSTALL, { package: 7, state: 'running' }), assigned(STOP)]
  const progress = [{ id: 'j-1', action: 'install', name: 'metrics', stage: 'download' }]
  expect(offerJobs({ ...BASIS, open, progress }).map(({ wire }) => wire['id'])).toEqual(['j-2'])
})

// The host lost its disk: it no longer says that it has the job, so it must be told again.
test('a running job that the host says nothing of is offered again', () => {
  const open = [assigned(INSTALL, { package: 7, state: 'running' })]
  expect(offerJobs({ ...BASIS, open })).toHaveLength(1)
})

test('a reply stays within what a host takes, and leaves out the newest', () => {
  const large = { ...INSTALL, settings: { envs: { BIG: 'é'.repeat(100_000) } } }
  const open = Array.from({ length: 10 }, (_, at) => assigned({ ...large, id: `j-${at}` }, { package: 7 }))
  const offers = offerJobs({ ...BASIS, open: [...open, assigned(STOP)] })
  expect(offers.map(({ wire }) => wire['id'])).toEqual(['j-0', 'j-1', 'j-2', 'j-3', 'j-4'])
  expect(Buffer.byteLength(JSON.stringify(offers.map(({ wire }) => wire)))).toBeLessThan(MAX_REPLY_BYTES)
})
