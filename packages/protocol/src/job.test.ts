import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ERRORS } from './errors.ts'
import { ACTIONS, type Job, readJob } from './job.ts'

const CHECKSUM = 'SHA256:4a34b8d7d3009bb9ef9475fbf33e7bbe4a1e8db003aefc578a241c2f51c2c2f2'
const INSTALL = { id: 'j-1', action: 'install', name: 'metrics', url: 'https://packages.example/m.tar.gz', checksum: CHECKSUM }

/** The least a job of each action says. */
const LEAST: Readonly<Record<Job['action'], object>> = {
  install: INSTALL,
  upgrade: { ...INSTALL, action: 'upgrade' },
  uninstall: { id: 'j-1', action: 'uninstall', name: 'metrics' },
  start: { id: 'j-1', action: 'start', name: 'metrics' },
  stop: { id: 'j-1', action: 'stop', name: 'metrics' },
  restart: { id: 'j-1', action: 'restart', name: 'metrics' },
  reset: { id: 'j-1', action: 'reset', name: 'metrics' },
  rollback: { id: 'j-1', action: 'rollback', name: 'metrics' },
  config: { id: 'j-1', action: 'config' },
  cancel: { id: 'j-1', action: 'cancel', job: 'j-0' },
}

describe.each(ACTIONS)('%s', (action) => {
  test('is a job with no more than it needs', () => {
    expect(readJob(LEAST[action])).toEqual({ kind: 'job', job: LEAST[action] })
  })

  test('keeps the optional fields it has in common with every action', () => {
    const job = { ...LEAST[action], deadline: 1_800_000_000, must: ['action'], signature: 'MEUCIQ' }
    expect(readJob(job)).toEqual({ kind: 'job', job })
  })

  test('loses what it does not know', () => {
    expect(readJob({ ...LEAST[action], priority: 'high' })).toEqual({ kind: 'job', job: LEAST[action] })
  })
})

test('an install keeps everything it may say', () => {
  const job = {
    ...INSTALL,
    version: '1.2.0',
    size: 1024,
    envs: { PATH: '/usr/bin:/bin' },
    limits: { CPU: '10%', memory: '20M', pids: 64, nofile: 1024 },
    run: { exec: 'bin/metrics', args: ['--quiet'] },
    restart: { delay: 1, strikes: 2, exitCodes: [3] },
    health: { kind: 'tcp', port: 9100 },
    expect: '1.1.0-0123abcd',
  }
  expect(readJob(job)).toEqual({ kind: 'job', job })
})

test.each(['http://p.example/a.tar.gz', 'HTTPS://p.example/a.deb', 'file:///srv/packages/a.tgz'])(
  'a package comes by %s',
  (url) => {
    expect(readJob({ ...INSTALL, url })).toMatchObject({ kind: 'job', job: { url } })
  },
)

test('a scheme of 2,000 letters is cut in the refusal', () => {
  expect(readJob({ ...INSTALL, url: `${'x'.repeat(2000)}:y` })).toMatchObject({
    reason: 'url-scheme',
    message: expect.stringMatching(/^.{0,150}$/),
  })
})

// Whether the host takes 5 s or clamps it is the host's to say: its local config may widen the range, for a lab.
test('a step out of the usual range is still a job', () => {
  expect(readJob({ id: 'j-1', action: 'config', step: 5 })).toMatchObject({ kind: 'job', job: { step: 5 } })
})

const anything = fc.jsonValue({ maxDepth: 3, noUnicodeString: false })
const fields = {
  version: fc.oneof(fc.constant('1.2.0'), anything),
  size: fc.oneof(fc.nat(), anything),
  deadline: fc.oneof(fc.nat(), fc.constant(Number.POSITIVE_INFINITY), anything),
  envs: fc.oneof(fc.dictionary(fc.string(), fc.string()), anything),
  limits: fc.oneof(fc.record({ CPU: fc.constantFrom('10%', 'x'), memory: fc.constantFrom('20M', 'y') }), anything),
  run: fc.oneof(fc.record({ exec: fc.string() }), anything),
  restart: fc.oneof(fc.record({ delay: fc.double() }), anything),
  health: fc.oneof(fc.record({ kind: fc.constant('tcp'), more: anything }), anything),
  purge: fc.oneof(fc.boolean(), anything),
  svrlist: fc.oneof(fc.webAuthority(), anything),
  step: fc.oneof(fc.integer(), fc.double(), anything),
  expect: fc.oneof(fc.string(), anything),
  signature: fc.oneof(fc.string(), anything),
}
const nearJobs = fc
  .tuple(fc.constantFrom(...ACTIONS), fc.record(fields, { requiredKeys: [] }))
  .map(([action, extra]) => ({ ...LEAST[action], ...extra }))
const jobs = nearJobs.filter((entry) => readJob(entry).kind === 'job')

test('any JSON value is read without a throw', () => {
  fc.assert(
    fc.property(fc.oneof(anything, nearJobs), (value) => {
      expect(readJob(value)).toHaveProperty('kind')
    }),
  )
})

test('a refusal has a reason of the table and a sentence that fits a result', () => {
  fc.assert(
    fc.property(nearJobs, (entry) => {
      const reading = readJob(entry)
      fc.pre(reading.kind === 'refused')
      if (reading.kind !== 'refused') return
      expect(ERRORS).toHaveProperty(reading.reason)
      expect(reading.message.length).toBeGreaterThan(0)
      expect(reading.message.length).toBeLessThanOrEqual(500)
      expect(reading.id).toBe('j-1')
    }),
  )
})

// What was accepted is kept in the metafile and read again after a crash: it must then be the same job.
test('a job that was accepted is accepted again, unchanged, once written and read', () => {
  fc.assert(
    fc.property(jobs, (entry) => {
      const reading = readJob(entry)
      const again = readJob(JSON.parse(JSON.stringify(reading.kind === 'job' ? reading.job : null)))
      expect(JSON.stringify(again)).toBe(JSON.stringify(reading))
    }),
  )
})
