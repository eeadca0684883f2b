import { CommanderError } from 'commander'
import { expect, test, vi } from 'vitest'
import { readCommandLine } from './config.ts'

test("nothing said is a server on loopback, at the seed's port", () => {
  expect(readCommandLine([])).toEqual({
    config: {
      listen: { host: '127.0.0.1', port: 8180 },
      data: '/var/lib/bootserver',
      tags: '',
      maxPackage: 2 ** 31,
      keepEvents: 30,
      maxEvents: 1000,
    },
    log: { level: 'info' },
  })
})

test('everything can be said', () => {
  const argv = ['--listen', '[::1]:0', '--data', '/d', '--tags', 'svc=ecs,cmpt=DB', '--token-file', '/t', '--public-url']
  expect(
    readCommandLine([
      ...argv,
      'https://boot.example/x/',
      '--max-package',
      '10M',
      '--keep-events',
      '7',
      '--max-events',
      '50',
      '-l',
      'debug',
      '-L',
      '/log',
    ]),
  ).toEqual({
    config: {
      listen: { host: '::1', port: 0 },
      data: '/d',
      tags: 'svc=ecs,cmpt=DB',
      publicUrl: 'https://boot.example/x',
      maxPackage: 10 * 1024 ** 2,
      keepEvents: 7,
      maxEvents: 50,
    },
    tokenFile: '/t',
    log: { level: 'debug', file: '/log' },
  })
})

test.each([
  ['--listen', '8180'],
  ['--listen', 'host:99999'],
  ['--tags', 'no pairs'],
  ['--public-url', 'ftp://host'],
  ['--max-package', '-1'],
  ['--keep-events', '0'],
  ['--max-events', 'all'],
  ['-l', 'loud'],
  ['--bogus', ''],
])('%s %s is refused', (option, value) => {
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  expect(() => readCommandLine([option, value])).toThrow(CommanderError)
  stderr.mockRestore()
})
