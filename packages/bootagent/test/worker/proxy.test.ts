import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { sha256 } from './workplace.ts'
import { BYTES, fetchWith } from './fetching.ts'
import { startTinyproxy } from './real-servers.ts'
import { makeCertificate, serve, serveTls } from './servers.ts'

const LOGIN = ['BasicAuth me secret']

test('tinyproxy is gone by for http, and its login is used', async () => {
  const proxy = await startTinyproxy(LOGIN)
  // What a server that hangs up has left in it, tinyproxy may lose when it is more than a socket takes at once.
  const small = BYTES.subarray(0, 4000)
  const url = await serve((_, response) => response.end(small))
  const proxies = { http: `http://me:secret@127.0.0.1:${proxy.port}` }
  await fetchWith(`${url}/package`, { proxies, digest: sha256(small) })
  expect(proxy.log()).toContain(`GET ${url}/package`)
})

test('tinyproxy is gone through for https, and sees nothing of it', async () => {
  const proxy = await startTinyproxy(LOGIN)
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-authority-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  const authority = makeCertificate(directory, 'IP:127.0.0.1')
  const url = await serveTls(authority, (_, response) => response.end(BYTES))
  const tls = { ca: readFileSync(authority.file, 'utf8') }
  const proxies = { https: `http://me:secret@127.0.0.1:${proxy.port}` }
  await fetchWith(`${url}/package`, { tls, proxies })
  expect(proxy.log()).toContain(`CONNECT ${new URL(url).host}`)
  expect(proxy.log()).not.toContain('/package')
  await expect(fetchWith(`${url}/package`, { proxies })).rejects.toMatchObject({ reason: 'fetch-tls' })
})

test('a host that the proxy is not for is asked itself', async () => {
  const url = await serve((_, response) => response.end(BYTES))
  // Nobody listens on port 1.
  const proxies = { http: 'http://127.0.0.1:1', none: 'other.example, 127.0.0.1' }
  await expect(fetchWith(url, { proxies })).resolves.toEqual({ bytes: BYTES.length })
})

test.each([
  ['that is not there', 'http://me:secret@127.0.0.1:1', 'fetch-unreachable'],
  ['that wants another login', undefined, 'fetch-refused'],
])('a proxy %s is a failure that does not show its login', async (_, url, reason) => {
  const { port } = url === undefined ? await startTinyproxy(LOGIN) : { port: 0 }
  const proxies = { http: url ?? `http://me:secret2@127.0.0.1:${port}` }
  const message = expect.not.stringContaining('secret')
  await expect(fetchWith(await serve((_request, response) => response.end(BYTES)), { proxies })).rejects.toMatchObject({
    reason,
    message,
  })
})
