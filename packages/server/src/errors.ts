import type { ProblemCode } from '@bootagent/protocol'

/** Why the server refuses: a request (with the HTTP status that PROBLEMS gives the code) or to run at all. */
export type ServerErrorCode = ProblemCode | 'cannot-start'

/** The one error of this package; the message is the sentence that operators and hosts' logs show. */
export class ServerError extends Error {
  readonly code: ServerErrorCode
  constructor(code: ServerErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ServerError'
    this.code = code
  }
}
