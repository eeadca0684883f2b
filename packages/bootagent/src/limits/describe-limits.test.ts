import { expect, test } from 'vitest'
import { describeLimits } from './describe-limits.ts'

const limits = {
  CPU: '10%',
  memory: '20M',
  pids: 64,
  nofile: 1024,
  disk: [
    { dev: '8:0', read_bytes: '10M', write_iops: 1000 },
    { dev: '8:16', write_bytes: '1M' },
  ],
}
const all = { enforced: new Set(['CPU', 'memory', 'pids', 'nofile', 'disk'] as const), why: 'cgroup v2 at /sys/fs/cgroup' }

test('each limit is told as it was written, a disk by its figures', () => {
  expect(describeLimits({ limits, driver: all, unapplied: [] })).toEqual([
    { limit: 'CPU', value: '10%', how: 'enforced' },
    { limit: 'memory', value: '20M', how: 'enforced' },
    { limit: 'pids', value: '64', how: 'enforced' },
    { limit: 'nofile', value: '1024', how: 'enforced' },
    { limit: 'disk', value: '8:0 read_bytes 10M write_iops 1000', how: 'enforced' },
    { limit: 'disk', value: '8:16 write_bytes 1M', how: 'enforced' },
  ])
})

test('without groups, what can be seen from outside is advisory, and disks are watched by nobody', () => {
  const driver = { enforced: new Set(['nofile'] as const), why: 'no control groups' }
  expect(describeLimits({ limits, driver, unapplied: [] }).map(({ limit, how, why }) => [limit, how, why])).toEqual([
    ['CPU', 'advisory', 'no control groups'],
    ['memory', 'advisory', 'no control groups'],
    ['pids', 'advisory', 'no control groups'],
    ['nofile', 'enforced', undefined],
    ['disk', 'not watched', 'no control groups'],
    ['disk', 'not watched', 'no control groups'],
  ])
})

test("a limit that the host did not take says so, in the host's words; another disk is not blamed", () => {
  const unapplied = [
    { limit: 'memory', why: 'memory.max does not take "20971520" (EBUSY)' },
    { limit: 'disk', why: '8:16 is no whole disk of this host (ENODEV)' },
  ] as const
  const told = describeLimits({ limits, driver: all, unapplied }).filter(({ how }) => how !== 'enforced')
  expect(told).toEqual([
    { limit: 'memory', value: '20M', how: 'advisory', why: unapplied[0].why },
    { limit: 'disk', value: '8:16 write_bytes 1M', how: 'not watched', why: unapplied[1].why },
  ])
})

test('an agent without limits has none to tell of', () => {
  expect(describeLimits({ limits: {}, driver: all, unapplied: [] })).toEqual([])
})
