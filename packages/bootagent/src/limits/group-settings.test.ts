import type { ResourceLimits } from '@bootagent/protocol'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Held, type Setting, settingsV1, settingsV2 } from './group-settings.ts'

const MB = 1024 ** 2
const NOTHING: Held = { devices: [] }

function lines(settings: readonly Setting[]): string[] {
  return settings.map(({ file, value }) => `${file} ${value}`)
}

test("the seed's limits are 10 ms of each 100 and 20 MiB without swap, in v2", () => {
  expect(lines(settingsV2({ cpuPercent: 10, memoryBytes: 20 * MB }, { ...NOTHING, memoryAndSwap: 0 }))).toEqual([
    'memory.swap.max 0',
    `memory.max ${20 * MB}`,
    'cpu.max 10000 100000',
    'pids.max max',
  ])
})

test('what has no limit is lifted, in v1 and v2', () => {
  expect(lines(settingsV1({}, { ...NOTHING, memoryAndSwap: 20 * MB }))).toEqual([
    'memory.memsw.limit_in_bytes -1',
    'memory.limit_in_bytes -1',
    'cpu.cfs_quota_us -1',
    'pids.max max',
  ])
  expect(lines(settingsV2({}, { ...NOTHING, memoryAndSwap: 0 }))).toEqual([
    'memory.swap.max max',
    'memory.max max',
    'cpu.max max 100000',
    'pids.max max',
  ])
})

test('a kernel that does not count swap is not asked to limit it', () => {
  expect(lines(settingsV1({ memoryBytes: MB }, NOTHING))[0]).toBe(`memory.limit_in_bytes ${MB}`)
  expect(lines(settingsV2({ memoryBytes: MB }, NOTHING))[0]).toBe(`memory.max ${MB}`)
})

// The kernel refuses each single write that would break it.
test('in v1, memory with swap is at no moment less than memory', () => {
  const size = fc.option(
    fc.integer({ min: 1, max: 1000 }).map((megabytes) => megabytes * MB),
    { nil: undefined },
  )
  fc.assert(
    fc.property(fc.array(size, { maxLength: 10 }), (changes) => {
      const group = { alone: Number.POSITIVE_INFINITY, together: Number.POSITIVE_INFINITY }
      for (const memoryBytes of changes) {
        const limits = memoryBytes === undefined ? {} : { memoryBytes }
        for (const { file, value } of settingsV1(limits, { ...NOTHING, memoryAndSwap: group.together })) {
          const bytes = value === '-1' ? Number.POSITIVE_INFINITY : Number(value)
          if (file === 'memory.limit_in_bytes') group.alone = bytes
          if (file === 'memory.memsw.limit_in_bytes') group.together = bytes
          expect(group.together).toBeGreaterThanOrEqual(group.alone)
        }
        expect(group.alone).toBe(memoryBytes ?? Number.POSITIVE_INFINITY)
        expect(group.together).toBe(group.alone)
      }
    }),
  )
})

test.each([
  [1, '1000'],
  [1.01, '1010'],
  [0.4, '1000'],
  [250, '250000'],
  [99_999, '99999000'],
])('%s %% of a core is a quota of %s µs', (cpuPercent, quota) => {
  expect(lines(settingsV1({ cpuPercent }, NOTHING))).toContain(`cpu.cfs_quota_us ${quota}`)
  expect(lines(settingsV2({ cpuPercent }, NOTHING))).toContain(`cpu.max ${quota} 100000`)
})

const disk: ResourceLimits['disk'] = [{ device: '8:0', readBytes: 10, writeOperations: 1000 }]

test('a disk has a line for each figure in v1, and one line in v2', () => {
  expect(lines(settingsV1({ disk }, NOTHING)).filter((line) => line.startsWith('blkio'))).toEqual([
    'blkio.throttle.read_bps_device 8:0 10',
    'blkio.throttle.write_iops_device 8:0 1000',
  ])
  expect(lines(settingsV2({ disk }, NOTHING)).at(-1)).toBe('io.max 8:0 rbps=10 wbps=max riops=max wiops=1000')
})

test('figures and disks that have no limit any more are lifted', () => {
  expect(lines(settingsV1({ disk }, { devices: ['8:0', '8:16'] })).filter((line) => line.startsWith('blkio'))).toEqual([
    'blkio.throttle.read_bps_device 8:0 10',
    'blkio.throttle.write_bps_device 8:0 0',
    'blkio.throttle.read_iops_device 8:0 0',
    'blkio.throttle.write_iops_device 8:0 1000',
    'blkio.throttle.read_bps_device 8:16 0',
    'blkio.throttle.write_bps_device 8:16 0',
    'blkio.throttle.read_iops_device 8:16 0',
    'blkio.throttle.write_iops_device 8:16 0',
  ])
  expect(lines(settingsV2({}, { devices: ['8:16'] })).at(-1)).toBe('io.max 8:16 rbps=max wbps=max riops=max wiops=max')
})
