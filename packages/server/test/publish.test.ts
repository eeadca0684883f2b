import { createHash } from 'node:crypto'
import { readdir, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import type { PackageRecord } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { METRICS } from './messages.ts'
import { spawnServer } from './spawn-server.ts'
import { makeDataDirectory, type RunningServer, startServer } from './start-server.ts'

const sha256 = (bytes: string) => createHash('sha256').update(bytes).digest('hex')
const packagesOf = async ({ ask }: RunningServer) =>
  ((await ask('GET', '/api/v1/packages')).json as { packages: PackageRecord[] }).packages

test('a package is published under the digest of its bytes', async () => {
  const server = await startServer()
  const { status, json } = await server.ask('PUT', METRICS, 'the bytes')
  const record = {
    name: 'metrics',
    version: '1.0.0',
    os: 'linux',
    arch: 'x64',
    format: 'tar.gz',
    file: 'metrics-1.0.0.tar.gz',
    size: 9,
    sha256: sha256('the bytes'),
    published: expect.any(Number),
  }
  expect([status, json]).toEqual([200, record])
  expect(await packagesOf(server)).toEqual([record])
  expect(await readdir(join(server.data, 'blobs'))).toEqual([sha256('the bytes')])
})

test('the same bytes again change nothing, other bytes are a conflict', async () => {
  const server = await startServer()
  const { json: first } = await server.ask('PUT', METRICS, 'the bytes')
  expect((await server.ask('PUT', METRICS, 'the bytes')).json).toEqual(first)
  expect(await server.ask('PUT', METRICS, 'other bytes')).toMatchObject({ status: 409, json: { code: 'conflict' } })
  expect(await packagesOf(server)).toEqual([first])
  await nothingElse(server, [sha256('the bytes')])
})

test('one version may have a package for each processor', async () => {
  const server = await startServer()
  await server.ask('PUT', METRICS, 'for x64')
  await server.ask('PUT', METRICS.replace('arch=x64', 'arch=arm64'), 'for arm64')
  expect((await packagesOf(server)).map((each) => each.arch)).toEqual(['arm64', 'x64'])
})

test.each([
  ['other bytes than it was said', `${METRICS}&sha256=${'0'.repeat(64)}`, 'the bytes', 400],
  ['no bytes', METRICS, '', 400],
  ['more bytes than are taken', METRICS, 'x'.repeat(1001), 413],
])('%s are refused and leave nothing', async (_, path, bytes, status) => {
  const server = await startServer({ maxPackage: 1000 })
  expect((await server.ask('PUT', path, bytes)).status).toBe(status)
  expect(await packagesOf(server)).toEqual([])
  await nothingElse(server, [])
})

test('bytes whose digest was said rightly, in capitals too, are published', async () => {
  const { ask } = await startServer()
  const path = `${METRICS}&sha256=${sha256('the bytes').toUpperCase()}`
  expect((await ask('PUT', path, 'the bytes')).status).toBe(200)
})

// A sender that does not say how much will come.
test('an endless upload is ended at the limit, with the reason', async () => {
  const server = await startServer({ maxPackage: 1000 })
  const { upload, answered } = openUpload(server)
  for (let sent = 0; sent < 20; sent += 1) upload.write('x'.repeat(100))
  expect(await answered).toBe(413)
  upload.destroy()
  await nothingElse(server, [])
})

test('an upload cut short leaves nothing', async () => {
  const server = await startServer()
  const { upload, answered } = openUpload(server)
  upload.write('half of')
  await seen(join(server.data, 'tmp'), (files) => files.length === 1)
  upload.destroy()
  expect(await answered).toBe('cut')
  await seen(join(server.data, 'tmp'), (files) => files.length === 0)
  expect(await packagesOf(server)).toEqual([])
  await nothingElse(server, [])
})

test('what a killed server left of an upload is swept when it starts', async () => {
  const data = await makeDataDirectory()
  const first = spawnServer(['--listen', '127.0.0.1:0', '--data', data])
  await first.url
  await writeFile(join(data, 'tmp', 'left-over'), 'half of')
  first.kill('SIGKILL')
  await first.ended
  await nothingElse(await startServer({ data }), [])
})

/** An upload without a length, whose end the test decides. */
function openUpload({ url }: RunningServer) {
  const upload = httpRequest(url + METRICS, { method: 'PUT', headers: { 'transfer-encoding': 'chunked' } })
  const answered = new Promise<number | undefined | 'cut'>((resolve) => {
    upload.on('response', (response) => resolve(response.resume().statusCode))
    upload.on('error', () => resolve('cut'))
  })
  return { upload, answered }
}

async function nothingElse({ data }: RunningServer, blobs: string[]): Promise<void> {
  expect(await readdir(join(data, 'tmp'))).toEqual([])
  expect(await readdir(join(data, 'blobs'))).toEqual(blobs)
}

/** Looks again, giving way each time, until the directory is as it should be; the test's own time limit ends it. */
async function seen(directory: string, asExpected: (files: string[]) => boolean): Promise<void> {
  while (!asExpected(await readdir(directory))) await new Promise((resolve) => setImmediate(resolve))
}
