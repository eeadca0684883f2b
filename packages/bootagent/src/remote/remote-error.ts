/** Why a server gave no answer that can be used. */
export type RemoteErrorCode = 'unreachable' | 'timeout' | 'cut' | 'refused' | 'denied' | 'not-understood' | 'report-too-large'

/** One failed exchange with one server. */
export class RemoteError extends Error {
  readonly code: RemoteErrorCode
  /** Seconds the server asks to be left alone for (Retry-After). */
  readonly retryAfter: number | undefined
  constructor(code: RemoteErrorCode, message: string, cause?: unknown, retryAfter?: number) {
    super(message, { cause })
    this.name = 'RemoteError'
    this.code = code
    this.retryAfter = retryAfter
  }
}
