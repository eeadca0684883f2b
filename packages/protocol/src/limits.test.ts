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

test('a refusal fits a result, however long the limit', () => {
  const reading = parseLimits({ CPU: '9'.repeat(100_000) })
  expect('refused' in reading && reading.refused.length).toBeLessThan(200)
})
