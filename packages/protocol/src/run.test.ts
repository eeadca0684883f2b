import * as v from 'valibot'
import { expect, test } from 'vitest'
import { AgentManifest, Health, RestartSettings, Run } from './run.ts'

test.each(['metrics', 'bin/metrics', './bin/metrics', 'a..b', '..a/b', 'x'.repeat(255)])('%j is inside the package', (exec) => {
  expect(v.is(Run, { exec })).toBe(true)
})

test.each(['', '/bin/sh', '..', '../x', 'a/..', 'a/../../x', 'a\nb', 'a\0', 'x'.repeat(256)])('%j is not run', (exec) => {
  expect(v.is(Run, { exec })).toBe(false)
})

test.each([
  [{ delay: 0 }, true],
  [{ delay: 86_401 }, false],
  [{ delay: -1 }, false],
  [{ delay: Number.POSITIVE_INFINITY }, false],
  [{ strikes: 1.5 }, false],
  [{ grace: 3601 }, false],
  [{ exitCodes: [0, 255] }, true],
  [{ exitCodes: [256] }, false],
  [{ exitCodes: [-1] }, false],
])('a restart policy of %j is taken: %s', (settings, taken) => {
  expect(v.is(RestartSettings, settings)).toBe(taken)
})

test('a health check keeps the fields of a later version', () => {
  const health = { kind: 'http', port: 8080, headers: { accept: 'text/plain' } }
  expect(v.parse(Health, health)).toEqual(health)
})

test('a manifest may be empty, and what it does not know it leaves out', () => {
  expect(v.parse(AgentManifest, { homepage: 'https://example.com' })).toEqual({})
})
