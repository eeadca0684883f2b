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

test('a health check leaves out the fields of a later version', () => {
  const health = { kind: 'http', url: 'http://127.0.0.1:8080/health', period: 10 }
  expect(v.parse(Health, { ...health, headers: { accept: 'text/plain' } })).toEqual(health)
})

test.each([
  [{ kind: 'file' }, true],
  [{ kind: 'tcp', port: 1 }, true],
  [{ kind: 'tcp', port: 0 }, false],
  [{ kind: 'tcp', port: 8080.5 }, false],
  [{ kind: 'http', url: 'http://[::1]:80' }, true],
  [{ kind: 'http', url: 'http://localhost:80/a b' }, false],
  [{ kind: 'http', url: 'http://localhost/' }, false],
  [{ kind: 'http', url: 'http://127.0.0.1:80@evil.example/' }, false],
  [{ kind: 'http', url: 'https://127.0.0.1:443/' }, false],
  [{ kind: 'exec', exec: 'bin/check', args: ['-q'] }, true],
  [{ kind: 'exec', exec: '/bin/true' }, false],
  [{ kind: 'file', failures: 0 }, false],
  [{ kind: 'file', timeout: 61 }, false],
  [{ kind: 'file', startup: 0 }, true],
])('a health check of %j is taken: %s', (health, taken) => {
  expect(v.is(Health, health)).toBe(taken)
})

test.each([
  [{ user: 'nobody' }, true],
  [{ user: '65534', group: 'adm' }, true],
  [{ user: 'samba$' }, true],
  [{ user: '4294967295' }, false],
  [{ user: '-u' }, false],
  [{ user: 'a b' }, false],
  [{ user: '' }, false],
  [{ group: '0:0' }, false],
  [{ umask: '022' }, true],
  [{ umask: '0027' }, true],
  [{ umask: '0800' }, false],
  [{ umask: '1022' }, false],
  [{ umask: '22' }, false],
  [{ noNewPrivileges: true }, true],
])('the rights of %j are taken: %s', (rights, taken) => {
  expect(v.is(Run, { exec: 'bin/metrics', ...rights })).toBe(taken)
})

test('a manifest may be empty, and what it does not know it leaves out', () => {
  expect(v.parse(AgentManifest, { homepage: 'https://example.com' })).toEqual({})
})
