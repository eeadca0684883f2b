import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseLimits } from './limits.ts'

test("the seed's limits are 10 % of a core and 20 MiB", () => {
  expect(parseLimits({ CPU: '10%', memory: '20M' })).toEqual({ limits: { cpuPercent: 10, memoryBytes: 20 * 1024 ** 2 } })
})

test('what is not limited is absent', () => {
  expect(parseLimits({})).toEqual({ limits: {} })
})

test('processes and open files are taken as they are', () => {
  expect(parseLimits({ pids: 64, nofile: 1024 })).toEqual({ limits: { pids: 64, openFiles: 1024 } })
})

test.each([
  ['1%', 1],
  ['0.5%', undefined],
  ['1.25%', 1.25],
  ['1.255%', undefined],
  ['250%', 250],
  ['99999%', 99_999],
  ['100000%', undefined],
  ['0%', undefined],
  ['-1%', undefined],
  ['10', undefined],
  ['10 %', undefined],
  ['%', undefined],
  ['', undefined],
  ['１0%', undefined],
])('CPU %j is %s percent of one core', (CPU, cpuPercent) => {
  const refused = { refused: expect.stringContaining(`limits.CPU "${CPU}"`) }
  expect(parseLimits({ CPU })).toEqual(cpuPercent === undefined ? refused : { limits: { cpuPercent } })
})

test.each([
  ['1048576', 1024 ** 2],
  ['1048575', undefined],
  ['1024K', 1024 ** 2],
  ['20m', 20 * 1024 ** 2],
  ['20MB', 20 * 1024 ** 2],
  ['2G', 2 * 1024 ** 3],
  ['0', undefined],
  ['1.5G', undefined],
  ['20MiB', undefined],
  ['20 M', undefined],
  ['-20M', undefined],
  ['1T', undefined],
  ['1048576G', 1024 ** 5],
  ['1048577G', undefined],
  ['999999999999999G', undefined],
  ['', undefined],
])('memory %j is %s bytes', (memory, memoryBytes) => {
  const refused = { refused: expect.stringContaining(`limits.memory "${memory}"`) }
  expect(parseLimits({ memory })).toEqual(memoryBytes === undefined ? refused : { limits: { memoryBytes } })
})

test('whole megabytes are 1024 times 1024 bytes each', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), (megabytes) => {
      expect(parseLimits({ memory: `${megabytes}M` })).toEqual({ limits: { memoryBytes: megabytes * 1024 ** 2 } })
    }),
  )
})

test("the seed's limit of a disk is 10 MiB and 1000 operations a second, each way", () => {
  const disk = [{ dev: '8:0', read_bytes: '10M', write_bytes: '10M', read_iops: 1000, write_iops: 1000 }]
  const limit = {
    device: '8:0',
    readBytes: 10 * 1024 ** 2,
    writeBytes: 10 * 1024 ** 2,
    readOperations: 1000,
    writeOperations: 1000,
  }
  expect(parseLimits({ disk })).toEqual({ limits: { disk: [limit] } })
})

test('what of a disk is not limited is absent', () => {
  expect(parseLimits({ disk: [] })).toEqual({ limits: {} })
  expect(parseLimits({ disk: [{ dev: '8:16', write_bytes: '1K' }] })).toEqual({
    limits: { disk: [{ device: '8:16', writeBytes: 1024 }] },
  })
})

test.each([
  [{ dev: 'sda' }, 'limits.disk[0].dev "sda"'],
  [{ dev: '08:0' }, 'limits.disk[0].dev "08:0"'],
  [{ dev: '8:0 ' }, 'limits.disk[0].dev "8:0 "'],
  [{ dev: '' }, 'limits.disk[0].dev ""'],
  [{ dev: '8:0', read_bytes: '1023' }, 'limits.disk[0].read_bytes "1023"'],
  [{ dev: '8:0', write_bytes: '10M/s' }, 'limits.disk[0].write_bytes "10M/s"'],
])('a disk limit of %j is refused by its field', (entry, says) => {
  expect(parseLimits({ disk: [entry] })).toEqual({ refused: expect.stringContaining(says) })
})

test('a disk that is there twice is refused at the second place', () => {
  const disk = [{ dev: '8:0' }, { dev: '8:16' }, { dev: '8:0' }]
  expect(parseLimits({ disk })).toEqual({ refused: 'limits.disk[2].dev "8:0" is there twice' })
})

test('a limit that is taken is a number the kernel can be told', () => {
  const size = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 15n - 1n }), fc.constantFrom('', 'K', 'M', 'G'))
    .map((each) => each.join(''))
  fc.assert(
    fc.property(size, size, (memory, bytes) => {
      const reading = parseLimits({ memory, disk: [{ dev: '8:0', read_bytes: bytes }] })
      if ('refused' in reading) return
      const { memoryBytes, disk } = reading.limits
      for (const taken of [memoryBytes, disk?.[0]?.readBytes]) {
        expect(Number.isSafeInteger(taken)).toBe(true)
        expect(String(taken)).toMatch(/^[1-9]\d*$/)
      }
    }),
  )
})

test('a refusal fits a result, however long the limit', () => {
  const reading = parseLimits({ CPU: '9'.repeat(100_000) })
  expect('refused' in reading && reading.refused.length).toBeLessThan(200)
})
