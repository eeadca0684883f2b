import { expect, test } from 'vitest'
import { explainFetch } from './explain-fetch.ts'

function failed(code: string, message = 'why'): Error {
  return Object.assign(new Error(message), { code })
}

test.each([
  ['ECONNREFUSED', false, 'fetch-unreachable'],
  ['ENOTFOUND', false, 'fetch-unreachable'],
  ['UND_ERR_CONNECT_TIMEOUT', false, 'fetch-unreachable'],
  ['UND_ERR_HEADERS_TIMEOUT', false, 'fetch-timeout'],
  ['UND_ERR_BODY_TIMEOUT', true, 'fetch-timeout'],
  ['UND_ERR_SOCKET', false, 'fetch-failed'],
  ['UND_ERR_SOCKET', true, 'fetch-cut'],
  ['ECONNRESET', true, 'fetch-cut'],
  ['UND_ERR_HEADERS_OVERFLOW', false, 'fetch-failed'],
  ['CERT_HAS_EXPIRED', false, 'fetch-tls'],
  ['SELF_SIGNED_CERT_IN_CHAIN', false, 'fetch-tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', false, 'fetch-tls'],
  ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', false, 'fetch-tls'],
])('%s, answering: %s, is %s', (code, answering, reason) => {
  expect(explainFetch(failed(code), answering).reason).toBe(reason)
})

test('of a host with several addresses the first failure is told', () => {
  const error = new AggregateError(
    [failed('ECONNREFUSED', 'connect ECONNREFUSED ::1:80'), failed('ECONNREFUSED', 'other')],
    'all failed',
  )
  expect(explainFetch(error, false)).toEqual({ reason: 'fetch-unreachable', why: 'connect ECONNREFUSED ::1:80' })
})
