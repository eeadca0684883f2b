import { expect, test } from 'vitest'
import { type Expected, judgeClaims, type Said } from './judge-claims.ts'

const HOST: Expected = { name: 'metrics', version: '1.2.0', os: 'linux', arch: 'x64', bootagent: '1.4.0' }

test.each<[what: string, said: Said]>([
  ['nothing', {}],
  ['just what the job says', { manifest: { name: 'metrics', version: '1.2.0', os: 'linux', arch: 'x64', bootagent: '>=1.4.0' } }],
  ['the processor as Debian calls it', { arch: 'amd64' }],
  ['the processor and the system as rpm calls them', { arch: 'x86_64', os: 'linux' }],
  ['to be for every processor', { arch: 'all', manifest: { arch: 'any' } }],
  ['to be for every processor, as rpm says it', { arch: 'noarch' }],
])('a package that says %s is taken', (_, said) => {
  expect(() => judgeClaims(said, HOST)).not.toThrow()
})

test.each<[what: string, said: Said, reason: string, message: string]>([
  ['another name', { manifest: { name: 'logs' } }, 'package-contradicts', 'logs, and the job says metrics'],
  ['another version', { manifest: { version: '1.3.0' } }, 'package-contradicts', '1.3.0, and the job says 1.2.0'],
  ['another processor in agent.json', { manifest: { arch: 'arm64' } }, 'platform-wrong', 'for arm64, and this host is x64'],
  ['another system in agent.json', { manifest: { os: 'win32' } }, 'platform-wrong', 'for win32, and this host is linux'],
  ['another processor in its control data', { arch: 'i386' }, 'platform-wrong', 'for i386, and this host is x64'],
  ['another system in its header', { os: 'freebsd' }, 'platform-wrong', 'for freebsd, and this host is linux'],
  ['something that is no word', { arch: '\u001b[2J' }, 'platform-wrong', 'for ?[2J, and'],
  [
    'to need a newer BootAgent',
    { manifest: { bootagent: '>=1.5.0' } },
    'bootagent-too-old',
    'needs BootAgent >=1.5.0, and this is 1.4.0',
  ],
])('a package that says %s is refused, and both sides are named', (_, said, reason, message) => {
  expect(() => judgeClaims(said, HOST)).toThrow(expect.objectContaining({ reason, message: expect.stringContaining(message) }))
})

// Where the job names no version, what the host made of the file's name is no word against the package.
test('a version that the job does not name contradicts nothing', () => {
  expect(() => judgeClaims({ manifest: { version: '9.9.9' } }, { ...HOST, version: undefined })).not.toThrow()
})
