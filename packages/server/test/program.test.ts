import { readdir, stat, writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { stressService } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test } from 'vitest'
import { createServer as createBootServer, DEFAULTS } from '../src/index.ts'
import { METRICS } from './messages.ts'
import { spawnServer } from './spawn-server.ts'
import { makeDataDirectory } from './start-server.ts'

test.each(['SIGTERM', 'SIGINT'] as const)('on %s the program ends by itself, cleanly', async (signal) => {
  const program = spawnServer(['--listen', '127.0.0.1:0', '--data', await makeDataDirectory()])
  const url = await program.url
  expect((await (await fetch(`${url}/health`)).json()) as object).toMatchObject({ status: 'ok' })
  program.kill(signal)
  expect(await program.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
})

test('the data directory is made for its owner only', async () => {
  const data = join(await makeDataDirectory(), 'deep', 'data')
  const program = spawnServer(['--listen', '127.0.0.1:0', '--data', data])
  await program.url
  const modes = await Promise.all(
    ['', 'blobs', 'tmp', 'bootserver.db'].map(async (name) => (await stat(join(data, name))).mode & 0o777),
  )
  expect(modes).toEqual([0o700, 0o700, 0o700, 0o600])
})

test('with a token file operators need the token, and the server may listen anywhere', async () => {
  const data = await makeDataDirectory()
  await writeFile(join(data, 'token'), 'secret\n')
  const program = spawnServer(['--listen', '0.0.0.0:0', '--data', data, '--token-file', join(data, 'token')])
  const url = (await program.url).replace('0.0.0.0', '127.0.0.1')
  expect((await fetch(`${url}/api/v1/hosts`)).status).toBe(401)
  expect((await fetch(`${url}/api/v1/hosts`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
  program.kill('SIGTERM')
  expect((await program.ended).stdout).not.toContain('secret')
})

test.each<[claim: string, args: string[], code: number, says: RegExp]>([
  ['an open door', ['--listen', '0.0.0.0:0'], 1, /--token-file FILE, or listen on 127\.0\.0\.1/],
  ['a token file that is not there', ['--token-file', '/nowhere/token'], 1, /token file cannot be read/],
  ['an empty token file', ['--token-file', '/dev/null'], 1, /must hold one line/],
  ['a data directory that cannot be made', ['--data', '/dev/null/data'], 1, /making \/dev\/null\/data/],
  ['an unknown option', ['--bogus'], 2, /unknown option/],
  ['an address that is none', ['--listen', 'here'], 2, /host:port/],
])('%s ends the program with a sentence that says what to do', async (_, args, code, says) => {
  const given = args.includes('--data') ? args : ['--data', await makeDataDirectory(), ...args]
  expect(await spawnServer(given).ended).toMatchObject({ code, stderr: expect.stringMatching(says) })
})

// It would sweep away what the first one is being sent.
test('a second server on one data directory says so and ends, and the first goes on', async () => {
  const data = await makeDataDirectory()
  const url = await spawnServer(['--listen', '127.0.0.1:0', '--data', data]).url
  const second = await spawnServer(['--listen', '127.0.0.1:0', '--data', data]).ended
  expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining(`another bootserver runs on ${data}`) })
  expect((await fetch(`${url}/health`)).status).toBe(200)
})

test('a port that is taken ends the program with a sentence', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const program = spawnServer(['--listen', `127.0.0.1:${port}`, '--data', await makeDataDirectory()])
  expect(await program.ended).toMatchObject({ code: 1, stderr: expect.stringContaining(`cannot listen on 127.0.0.1:${port}`) })
})

test.each([
  ['-V', /^\d+\.\d+\.\d+\n$/],
  ['-h', /Usage: bootserver/],
])('%s prints and ends', async (option, says) => {
  expect(await spawnServer([option]).ended).toMatchObject({ code: 0, stdout: expect.stringMatching(says) })
})

test('the server is a service like any other', async () => {
  const data = await makeDataDirectory()
  await stressService(() => createBootServer({ ...DEFAULTS, listen: { host: '127.0.0.1', port: 0 }, data }))
})

// A client that never finishes must not keep the server from stopping.
test('a request under way that does not end is cut off when the server stops', async () => {
  const data = await makeDataDirectory()
  const server = createBootServer({ ...DEFAULTS, listen: { host: '127.0.0.1', port: 0 }, data }, { clock: impatient })
  await server.start()
  const upload = request(server.url + METRICS, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } })
  const cut = new Promise<Error>((resolve) => upload.on('error', resolve))
  upload.write('half of')
  while ((await readdir(join(data, 'tmp'))).length === 0) await new Promise((resolve) => setImmediate(resolve))
  await server.stop()
  expect(await cut).toMatchObject({ code: 'ECONNRESET' })
  expect(await readdir(join(data, 'tmp'))).toEqual([])
})

/** A clock whose grace is over at once. */
const impatient = { now: Date.now, uptime: () => 0, sleep: async () => true }
