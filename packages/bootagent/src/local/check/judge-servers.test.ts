import { expect, test } from 'vitest'
import { type Asked, judgeServers } from './judge-servers.ts'

const refused: Asked = { kind: 'failed', stage: 'connection', code: 'ECONNREFUSED', why: 'nothing listens there' }

function judge(...answers: Asked[]) {
  return judgeServers(answers.map((asked, at) => ({ server: `http://s${at}:1`, list: 'metafile', asked })))
}

test('a server that fails is a warning while another answers, and a fault when none does', () => {
  expect(judge(refused, { kind: 'answered', status: 200 }).map(({ verdict }) => verdict)).toEqual(['warn', 'ok'])
  expect(judge(refused, refused).map(({ verdict }) => verdict)).toEqual(['FAIL', 'FAIL'])
})

// A server that knows no more than the seed has no route for it.
test.each([200, 302, 401, 404, 405])('%i is an answer like any other', (status) => {
  expect(judge({ kind: 'answered', status })).toEqual([
    { subject: 'http://s0:1 (metafile)', verdict: 'ok', text: `answers (${status})` },
  ])
})

test.each([500, 502, 503])('%i is an answer, and told', (status) => {
  expect(judge({ kind: 'answered', status })).toMatchObject([{ verdict: 'warn' }])
})

test('what to do follows from how far it came, and from what the system said', () => {
  const [named, connected, tls, garbled] = judge(
    { kind: 'failed', stage: 'name', code: 'ENOTFOUND', why: 'w' },
    refused,
    { kind: 'failed', stage: 'TLS', code: 'CERT_HAS_EXPIRED', why: 'w' },
    { kind: 'failed', stage: 'answer', code: 'HPE_INVALID_CONSTANT', why: 'w' },
  )
  expect(named?.advice).toContain('/etc/resolv.conf')
  expect(connected?.advice).toContain('firewall')
  expect(tls?.advice).toContain('renew its certificate')
  expect(garbled?.advice).toContain('https://')
})
