import type { PackageRecord } from '@bootagent/protocol'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { run } from '../src/index.ts'
import { aPackage } from './samples.ts'
import { type Request, type Script, scriptedServer } from './scripted-server.ts'
import { bootfleet, createTerminal } from './terminal.ts'

let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'bootfleet-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function fileOf(name: string, bytes: Buffer): string {
  const path = join(directory, name)
  writeFileSync(path, bytes)
  return path
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Takes one package, `name/version`, and records it as bootserver would. */
function taking(path: string, published: readonly PackageRecord[] = []): Script {
  const [name = '', version = ''] = path.split('/')
  const record = ({ query: { os = '', arch = '', file = '' }, body }: Request) => ({
    json: aPackage({ name, version, os, arch, file, size: body.length, sha256: digest(body) }),
  })
  return { 'GET /api/v1/packages': () => ({ json: { packages: published } }), [`PUT /api/v1/packages/${path}`]: record }
}

// Large enough to come in many pieces: what arrives must be the file to the byte, its length told before.
test('the bytes arrive as they are, with their length and digest', async () => {
  const bytes = randomBytes(3 * 1024 * 1024 + 7)
  await using server = await scriptedServer(taking('sample-agent/1.0.0'))
  const { code, out, err } = await bootfleet(server.url, ['publish', fileOf('sample-agent-1.0.0.tar.gz', bytes)])
  const put = server.requests.at(-1)
  expect(put?.body.equals(bytes)).toBe(true)
  expect(put?.headers['content-length']).toBe(String(bytes.length))
  expect(put?.query).toEqual({ os: 'linux', arch: 'any', file: 'sample-agent-1.0.0.tar.gz', sha256: digest(bytes) })
  expect(out).toMatch(/^sample-agent +1.0.0 +linux\/any +3.0 MiB/m)
  expect({ code, err }).toEqual({
    code: 0,
    err: 'install it with: bootfleet install sample-agent --package-version 1.0.0 --all\n',
  })
})

test('on a terminal a bar shows how far it is, and goes when it is done', async () => {
  await using server = await scriptedServer(taking('sample-agent/1.0.0'))
  const path = fileOf('sample-agent-1.0.0.tar.gz', randomBytes(1024 * 1024))
  const { err } = await bootfleet(server.url, ['publish', path], { columns: 80 })
  expect(err).toContain('\r\x1b[K[########################################]  100 %  1.0 MiB of 1.0 MiB\r\x1b[K')
  expect(err.split('\r\x1b[K').at(-1)).toMatch(/^install it with: /)
})

test.each([
  ['tool-2.0-linux-arm64.tgz', '', 'tool/2.0', { os: 'linux', arch: 'arm64' }],
  ['tool_1.5-1_amd64.deb', '', 'tool/1.5-1', { os: 'linux', arch: 'x64' }],
  ['x.tgz', '--name tool --package-version 9 --os linux --arch x64', 'tool/9', { os: 'linux', arch: 'x64' }],
  ['tool-2.0.tgz', '--exec bin/tool --arg -v --arg --name', 'tool/2.0', { run: '{"exec":"bin/tool","args":["-v","--name"]}' }],
])('%s %s is published as %s', async (file, options, path, query) => {
  await using server = await scriptedServer(taking(path))
  const { code } = await bootfleet(server.url, ['publish', fileOf(file, Buffer.from('x')), ...options.split(' ').filter(Boolean)])
  expect(code).toBe(0)
  expect(server.requests.at(-1)?.query).toMatchObject(query)
})

test('bytes that are published already are not sent again', async () => {
  const bytes = Buffer.from('same')
  const known = aPackage({ sha256: digest(bytes) })
  await using server = await scriptedServer(taking('metrics/1.0.0', [known]))
  const { code, err } = await bootfleet(server.url, ['publish', fileOf('metrics-1.0.0.tar.gz', bytes)])
  expect(code).toBe(0)
  expect(err).toMatch(/metrics 1.0.0 for linux\/any is published already, with the same bytes/)
  expect(server.requests.map(({ door }) => door)).toEqual(['GET /api/v1/packages'])
})

test('other bytes under a published version are refused before they are sent', async () => {
  await using server = await scriptedServer(taking('metrics/1.0.0', [aPackage()]))
  const { code, err } = await bootfleet(server.url, ['publish', fileOf('metrics-1.0.0.tar.gz', Buffer.from('other'))])
  expect(code).toBe(4)
  expect(err).toMatch(/published with other bytes/)
  expect(server.requests).toHaveLength(1)
})

test.each<[string, () => string, string[], number, RegExp]>([
  ['that is not there', () => join(directory, 'none-1.0.tgz'), [], 6, /cannot be read: ENOENT/],
  ['that is empty', () => fileOf('empty-1.0.tgz', Buffer.alloc(0)), [], 6, /is empty/],
  ['of an unknown kind', () => fileOf('tool-1.0.7z', Buffer.from('x')), [], 2, /must end in one of .*\.tar\.gz/],
  ['without a version', () => fileOf('tool.tgz', Buffer.from('x')), [], 2, /the file name does not tell: give --package-version/],
  [
    'with a name no agent may have',
    () => fileOf('libstdc++-6.tgz', Buffer.from('x')),
    [],
    2,
    /name: 1 to 50 letters.*\(--name\)/,
  ],
  [
    'for a processor there is not',
    () => fileOf('tool-1.0.tgz', Buffer.from('x')),
    ['--arch', 'vax'],
    2,
    /Allowed choices are x64, arm64, any/,
  ],
  [
    'run from outside',
    () => fileOf('tool-1.0.tgz', Buffer.from('x')),
    ['--exec', '/bin/sh'],
    2,
    /relative path inside the package.*\(--exec\)/,
  ],
])('a file %s is not published, and nothing is asked', async (_, path, options, exit, why) => {
  await using server = await scriptedServer({})
  const { code, err } = await bootfleet(server.url, ['publish', path(), ...options])
  expect(code).toBe(exit)
  expect(err).toMatch(why)
  expect(server.requests).toEqual([])
})

// Between the digest and the upload somebody builds again: what would arrive is neither the old package nor the new one.
test.each([
  ['shorter', (path: string) => truncateSync(path, 10)],
  ['longer', (path: string) => appendFileSync(path, 'more')],
])('a file that has become %s since its digest was made is not published', async (_, change) => {
  const path = fileOf('tool-1.0.tgz', Buffer.alloc(2 * 1024 * 1024))
  const changing = () => {
    change(path)
    return { json: { packages: [] } }
  }
  await using server = await scriptedServer({ ...taking('tool/1.0'), 'GET /api/v1/packages': changing })
  const { code, out, err } = await bootfleet(server.url, ['publish', path])
  expect({ code, out }).toEqual({ code: 6, out: '' })
  expect(err).toMatch(/changed while it was read/)
})

test('a directory named like a package is not published', async () => {
  const path = join(directory, 'tool-1.0.tgz')
  mkdirSync(path)
  await using server = await scriptedServer({})
  expect((await bootfleet(server.url, ['publish', path])).err).toBe(`bootfleet: ${path} is not a file\n`)
})

test('a server that refuses in the middle of an upload ends the command, with its reason if that still came', async () => {
  const server = createServer((message, response) => {
    if (message.method === 'GET') response.end('{"packages":[]}')
    else
      message.once('data', () =>
        response.writeHead(413, { connection: 'close' }).end('{"code":"too-large","message":"too large"}'),
      )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const { code, err } = await bootfleet(url, ['publish', fileOf('tool-1.0.tgz', Buffer.alloc(20 * 1024 * 1024))])
  server.closeAllConnections()
  server.close()
  expect([3, 4]).toContain(code)
  expect(err).toMatch(/too large|cannot reach/)
})

test('Ctrl-C in the middle of an upload ends it with 130', async () => {
  const arrived = Promise.withResolvers<void>()
  await using server = await scriptedServer({
    'GET /api/v1/packages': () => ({ json: { packages: [] } }),
    'PUT /api/v1/packages/tool/1.0': () => {
      arrived.resolve()
      return new Promise(() => undefined)
    },
  })
  const terminal = createTerminal({ env: { BOOTFLEET_SERVER: server.url } })
  const running = run(['publish', fileOf('tool-1.0.tgz', Buffer.from('x'))], terminal)
  await arrived.promise
  terminal.pressCtrlC()
  expect(await running).toBe(130)
  expect(terminal.err()).toBe('bootfleet: interrupted\n')
})
