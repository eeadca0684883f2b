import type { FetchFault } from './explain-fetch.ts'
import { quote } from './quote.ts'

/** What an FTP library threw: a server's refusal carries the code of its reply (RFC 959, 4.2). */
export interface FtpFault {
  readonly message: string
  /** A number is the server's reply; a text the system's. */
  readonly code?: number | string | undefined
}

/** Reads what an FTP exchange failed with; `answering` when the transfer had begun. */
export function explainFtp({ message, code }: FtpFault, answering: boolean): FetchFault {
  if (typeof code === 'number') return explainReply(code, message, answering)
  if (message.includes('PASV returned another host')) {
    return { reason: 'fetch-redirect', why: 'the server wanted the data to be fetched from another host, which is not done' }
  }
  if (message.includes('Timeout')) return { reason: 'fetch-timeout', why: `the server stood still (${message.slice(0, 100)})` }
  if (answering) return { reason: 'fetch-cut', why: `the answer was cut off (${message.slice(0, 200)})` }
  if (/^Can't parse|^Server/.test(message)) return { reason: 'fetch-failed', why: 'no proper FTP answer came' }
  return { reason: 'fetch-unreachable', why: message.slice(0, 200) }
}

/** 4yz may pass; 5yz will not: no such file, or no right to it. Cut off in the middle are 425 and 426. */
function explainReply(code: number, message: string, answering: boolean): FetchFault {
  const why = `the server answered ${quote(message)}`
  if (code === 425 || code === 426 || (answering && code < 500)) return { reason: 'fetch-cut', why }
  return { reason: code >= 500 ? 'fetch-refused' : 'fetch-failed', why }
}
