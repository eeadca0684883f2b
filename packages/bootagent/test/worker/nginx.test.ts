import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Tls } from '../../src/worker/request.ts'
import { BYTES, fetchWith, leavePart, readPart } from './fetching.ts'
import { startNginx } from './real-servers.ts'
import { type Certificate, makeCertificate } from './servers.ts'
import { makeWorkplace } from './workplace.ts'

const FILES = { 'package.tar.gz': BYTES }
const CUT = 77_777

test('nginx hands out only the rest of a package that was cut, and the whole of one that has changed', async () => {
  const server = await startNginx(FILES)
  const url = `http://127.0.0.1:${server.port}/package.tar.gz`
  const place = makeWorkplace()
  const told: string[] = []
  await fetchWith(url, { place, settings: { onSource: (validator) => told.push(validator ?? '') } })
  for (const validator of [told[0] ?? '', '"another"']) {
    leavePart(place, BYTES.subarray(0, CUT))
    await fetchWith(url, { place, validator })
    expect(readPart(place).equals(BYTES)).toBe(true)
  }
  const [all, rest] = [BYTES.length, BYTES.length - CUT]
  expect(server.log().trim().split('\n')).toEqual([`200 - ${all}`, `206 bytes=${CUT}- ${rest}`, `200 bytes=${CUT}- ${all}`])
})

/** A directory for keys, which nobody but its owner may read: the worker is handed what is in them. */
function makeAuthorities(...names: readonly string[]): Certificate[] {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-authorities-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return names.map((name) => makeCertificate(directory, name))
}

function tlsOf(server: Certificate, client?: Certificate): Tls {
  const ca = readFileSync(server.file, 'utf8')
  return client === undefined
    ? { ca }
    : { ca, cert: readFileSync(client.file, 'utf8'), key: readFileSync(client.keyFile, 'utf8') }
}

function withTls(server: Certificate, more = ''): string {
  return `ssl_certificate ${server.file}; ssl_certificate_key ${server.keyFile}; ${more}`
}

test('nginx that asks who its clients are is shown the certificate of this host', async () => {
  const [server, client, other] = makeAuthorities('IP:127.0.0.1', 'DNS:host', 'DNS:other')
  if (server === undefined || client === undefined) throw new Error('no certificates')
  const asks = withTls(server, `ssl_client_certificate ${client.file}; ssl_verify_client on;`)
  const { port } = await startNginx(FILES, asks, 'ssl')
  const url = `https://127.0.0.1:${port}/package.tar.gz`
  await expect(fetchWith(url, { tls: tlsOf(server, client) })).resolves.toEqual({ bytes: BYTES.length })
  await expect(fetchWith(url, { tls: tlsOf(server) })).rejects.toMatchObject({ reason: 'fetch-refused' })
  await expect(fetchWith(url, { tls: tlsOf(server, other) })).rejects.toMatchObject({ reason: 'fetch-refused' })
})

test('a key that does not belong to its certificate is a clear failure, and is not shown', async () => {
  const [server, client] = makeAuthorities('IP:127.0.0.1', 'DNS:host')
  if (server === undefined || client === undefined) throw new Error('no certificates')
  const tls = { ...tlsOf(server, client), key: readFileSync(server.keyFile, 'utf8') }
  const message = expect.not.stringContaining('PRIVATE KEY')
  await expect(fetchWith('https://127.0.0.1:1/package', { tls })).rejects.toMatchObject({ reason: 'fetch-tls', message })
})

// A33: also one that was good once, or would be good by the rules of another time.
test('nginx with an expired certificate, or with an old TLS, proves nothing', async () => {
  const [server] = makeAuthorities('IP:127.0.0.1')
  if (server === undefined) throw new Error('no certificate')
  const old = await startNginx(FILES, withTls(server, 'ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;'), 'ssl')
  await expect(fetchWith(`https://127.0.0.1:${old.port}/package.tar.gz`, { tls: tlsOf(server) })).rejects.toMatchObject({
    reason: 'fetch-tls',
  })
  expire(server)
  const expired = await startNginx(FILES, withTls(server), 'ssl')
  await expect(fetchWith(`https://127.0.0.1:${expired.port}/package.tar.gz`, { tls: tlsOf(server) })).rejects.toMatchObject({
    reason: 'fetch-tls',
    message: expect.stringContaining('CERT_HAS_EXPIRED'),
  })
})

/** Signs it anew, for yesterday. */
function expire({ file, keyFile }: Certificate): void {
  const request = execFileSync('openssl', ['x509', '-x509toreq', '-in', file, '-signkey', keyFile, '-copy_extensions', 'copy'])
  const signing = ['x509', '-req', '-key', keyFile, '-days', '-1', '-copy_extensions', 'copy', '-out', file]
  execFileSync('openssl', signing, { input: request, stdio: ['pipe', 'ignore', 'ignore'] })
}
