import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { readLimitsInForce, writeLimitsInForce } from '../../src/supervise/limits-in-force.ts'
import { scratch } from '../state/scratch-home.ts'

const IN_FORCE = {
  limits: { CPU: '10%', memory: '20M', pids: 7, nofile: 64, disk: [{ dev: '8:0', read_bytes: '10M' }] },
  unapplied: [{ limit: 'disk' as const, why: '8:0: no such device' }],
}

test('the limits an attempt runs under are read as they were written', () => {
  const attempt = scratch()
  writeLimitsInForce(attempt, IN_FORCE)
  expect(readLimitsInForce(attempt)).toEqual(IN_FORCE)
})

test('a change replaces them whole, and leaves nothing beside them', () => {
  const attempt = scratch()
  writeLimitsInForce(attempt, IN_FORCE)
  writeLimitsInForce(attempt, { limits: { pids: 3 }, unapplied: [] })
  expect(readLimitsInForce(attempt)).toEqual({ limits: { pids: 3 }, unapplied: [] })
  expect(readdirSync(attempt)).toEqual(['limits.json'])
})

// A BootAgent that died while it wrote leaves half a line beside it.
test('what a death has left beside them is not taken for them', () => {
  const attempt = scratch()
  writeLimitsInForce(attempt, IN_FORCE)
  writeFileSync(`${attempt}/.limits.json`, '{"limits":{"pi')
  expect(readLimitsInForce(attempt)).toEqual(IN_FORCE)
})

test('an attempt that is gone, and one without them, has none to tell of', () => {
  const attempt = scratch()
  expect(readLimitsInForce(attempt)).toBeUndefined()
  expect(readLimitsInForce(`${attempt}/gone`)).toBeUndefined()
})

test('cut off at any byte they are none, and never others', () => {
  const attempt = scratch()
  writeLimitsInForce(attempt, IN_FORCE)
  const whole = readFileSync(`${attempt}/limits.json`, 'utf8').trimEnd()
  for (let length = 0; length < whole.length; length += 1) {
    writeFileSync(`${attempt}/limits.json`, whole.slice(0, length))
    expect(readLimitsInForce(attempt)).toBeUndefined()
  }
})

test('what cannot be read is said, and not taken for none', () => {
  const attempt = scratch()
  mkdirSync(`${attempt}/limits.json`)
  expect(() => readLimitsInForce(attempt)).toThrow('EISDIR')
})
