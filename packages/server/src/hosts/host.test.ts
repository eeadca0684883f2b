import { expect, test } from 'vitest'
import { platformOf } from './host.ts'

test.each([
  ['bootagent-1.2.4-x86_64', 'x64'],
  ['bootagent-1.2.4-amd64', 'x64'],
  ['bootagent-1.2.4-aarch64', 'arm64'],
  ['bootagent-1.2.4-arm64', 'arm64'],
  ['bootagent-1.2.4', 'x64'],
  ['', 'x64'],
])('a host of version "%s" that names no platform is taken for linux/%s', (version, arch) => {
  expect(platformOf({ version })).toEqual({ os: 'linux', arch })
})

test('what a host says itself goes before what its version suggests', () => {
  const platform = { os: 'linux', arch: 'arm64' }
  expect(platformOf({ version: 'bootagent-1.2.4-x86_64', platform })).toBe(platform)
})
