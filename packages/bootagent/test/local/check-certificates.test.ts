import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { judgeAuthorities, judgeOwnCertificate } from '../../src/local/check/judge-certificates.ts'
import { makeCertificates } from '../remote/certificates.ts'
import { scratch } from '../state/scratch-home.ts'
import { createTestedHost, testHost } from './tested-host.ts'

const DAY = 86_400_000
/** Later than any of them was made. */
const NOW = Date.now() + 3_600_000

/** A certificate that vouches for itself. */
function makeOwn(days: number): { cert: string; key: string } {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-own-'))
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', 'key.pem', '-out', 'cert.pem']
  execFileSync('openssl', ['req', '-x509', ...curve, '-days', `${days}`, '-subj', '/CN=host', ...files], {
    cwd: directory,
    stdio: 'pipe',
  })
  const [cert, key] = ['cert.pem', 'key.pem'].map((file) => readFileSync(join(directory, file), 'utf8'))
  rmSync(directory, { recursive: true })
  return { cert: cert ?? '', key: key ?? '' }
}

const OWN = makeOwn(100)
const OTHER = makeOwn(100)

function judge({ cert, key }: { cert: string; key: string }, now: number, mode = 0o100_600) {
  return judgeOwnCertificate({ cert: { path: 'cert.pem', text: cert }, key: { path: 'key.pem', text: key, mode } }, now)
}

describe('who this host is', () => {
  test('holds while its certificate does, and its key fits', () => {
    expect(judge(OWN, NOW)).toMatchObject({
      verdict: 'ok',
      text: expect.stringMatching(/^cert\.pem is valid until .*its key fits$/),
    })
  })

  test.each<[title: string, pair: { cert: string; key: string }, now: number, says: string, verdict: string]>([
    ['a key of another certificate', { ...OWN, key: OTHER.key }, NOW, 'is not that of the certificate', 'FAIL'],
    ['no certificate', { ...OWN, cert: OWN.key }, NOW, 'holds no certificate', 'FAIL'],
    ['a damaged certificate', { ...OWN, cert: OWN.cert.replace(/M/, '!') }, NOW, 'cannot be read', 'FAIL'],
    ['no key', { ...OWN, key: 'nothing' }, NOW, 'holds no key that can be read', 'FAIL'],
    ['expired', OWN, NOW + 101 * DAY, 'expired on', 'FAIL'],
    ['not valid yet, or a clock that is wrong', OWN, NOW - DAY, 'is not valid before', 'FAIL'],
    ['soon to expire', OWN, NOW + 71 * DAY, 'in 28 days', 'warn'],
  ])('%s', (_title, pair, now, says, verdict) => {
    expect(judge(pair, now)).toMatchObject({ verdict, text: expect.stringContaining(says) })
  })

  test('a key that others can read is warned of', () => {
    expect(judge(OWN, NOW, 0o100_644)).toMatchObject({ verdict: 'warn', advice: 'chmod 600 key.pem' })
  })

  test('a key with a password cannot be used, and nothing of it is told', () => {
    const directory = scratch()
    writeFileSync(`${directory}/key.pem`, OWN.key)
    const args = ['pkcs8', '-topk8', '-in', 'key.pem', '-passout', 'pass:secret']
    const key = execFileSync('openssl', args, { cwd: directory, encoding: 'utf8' })
    expect(judge({ ...OWN, key }, NOW)).toMatchObject({ verdict: 'FAIL', text: 'key.pem is locked with a password' })
  })
})

describe('authorities', () => {
  const both = { path: 'ca.pem', text: `${makeOwn(10).cert}\n${OWN.cert}` }

  test('are counted', () => {
    expect(judgeAuthorities({ path: 'ca.pem', text: OWN.cert }, NOW)).toMatchObject({
      verdict: 'ok',
      text: 'ca.pem holds 1 authority',
    })
  })

  test('of which one is out of date are warned of, and fail when all are', () => {
    expect(judgeAuthorities(both, NOW + 20 * DAY)).toMatchObject({
      verdict: 'warn',
      text: expect.stringContaining('of which one expired'),
    })
    expect(judgeAuthorities(both, NOW + 200 * DAY)).toMatchObject({ verdict: 'FAIL' })
    expect(judgeAuthorities(both, NOW)).toMatchObject({ verdict: 'warn', text: expect.stringContaining('expires on') })
  })

  test('of which there are none fail', () => {
    expect(judgeAuthorities({ path: 'ca.pem', text: 'not PEM' }, NOW)).toMatchObject({ verdict: 'FAIL' })
  })
})

describe('by the real program', () => {
  test('a pair that fits, and its authority, are good', async () => {
    const host = createTestedHost({})
    const { ca } = makeCertificates('IP:127.0.0.1')
    const paths = { ca: `${host.root}/ca.pem`, clientCert: `${host.root}/cert.pem`, clientKey: `${host.root}/key.pem` }
    writeFileSync(paths.ca, ca)
    writeFileSync(paths.clientCert, OWN.cert)
    writeFileSync(paths.clientKey, OWN.key, { mode: 0o600 })
    writeFileSync(host.config, JSON.stringify(paths))
    const { code, of } = await testHost(host, '--offline')
    // The authority of a test holds for a day.
    expect(of('certificates')[0]).toMatch(/^warn .*ca\.pem holds 1 authority, of which one expires on/)
    expect(of('certificates')[1]).toMatch(/^ok .*cert\.pem is valid until/)
    expect(code).toBe(0)
    // Every download would fail by it, and nobody would know before the first.
    rmSync(paths.clientKey)
    const broken = await testHost(host, '--offline')
    expect(broken.of('certificates')[0]).toMatch(/^FAIL .*key\.pem cannot be read \(ENOENT/)
    expect(broken.code).toBe(1)
  })
})
