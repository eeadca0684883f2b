import type { Reason } from '@bootagent/protocol'

/** What a failed request comes to: the reason, and the rest of a sentence that begins with the address. */
export interface FetchFault {
  readonly reason: Reason
  readonly why: string
}

/** Reads what undici, TLS or a socket threw; `answering` when the headers had come and the body was on its way. */
export function explainFetch(error: unknown, answering: boolean): FetchFault {
  const { code = '', name, message } = innermost(error)
  if (TIMEOUTS.includes(code)) return { reason: 'fetch-timeout', why: message }
  if (code.startsWith('ERR_OSSL_'))
    return { reason: 'fetch-tls', why: `certificates or key of this host cannot be used (${code})` }
  if (TLS.test(code)) return { reason: 'fetch-tls', why: `the server could not prove who it is (${code})` }
  if (answering) return { reason: 'fetch-cut', why: `the answer was cut off (${message})` }
  const garbled = name === 'HTTPParserError' || GARBLED.includes(code)
  if (garbled) return { reason: 'fetch-failed', why: `no proper HTTP answer came (${message})` }
  return { reason: 'fetch-unreachable', why: message }
}

const TIMEOUTS = ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']

/** Node's own TLS codes, OpenSSL's, and those of X.509 verification (verify(1)). */
const TLS =
  /^(?:ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_CERT|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_|HOSTNAME_MISMATCH$)/

/** The server was there, and hung up or said too much. */
const GARBLED = ['UND_ERR_SOCKET', 'UND_ERR_HEADERS_OVERFLOW']

/** A host with several addresses fails once for each: the first failure stands for all. */
function innermost(error: unknown): NodeJS.ErrnoException {
  return (error instanceof AggregateError ? error.errors[0] : error) as NodeJS.ErrnoException
}
