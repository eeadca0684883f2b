import { PROBLEMS, type Problem, type ProblemCode } from '@bootagent/protocol'
import { ServerError } from '../errors.ts'

/** A refusal as it is sent. */
export interface Refusal {
  readonly status: number
  readonly problem: Problem & { readonly code: ProblemCode }
}

/** What a thrown thing is answered with. Only what was thrown on purpose is told; the rest is `internal` and belongs in the log. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof ServerError && error.code !== 'cannot-start') return refusal(error.code, error.message)
  const [code, message] = FRAMEWORK[codeOf(error)] ?? INTERNAL
  return refusal(code, message)
}

function refusal(code: ProblemCode, message: string): Refusal {
  return { status: PROBLEMS[code], problem: { code, message } }
}

const INTERNAL = ['internal', 'the server met something it did not expect; its log says what'] as const

const NOT_JSON = ['not-json', 'the body must be JSON, and said to be application/json'] as const

/** What the framework refuses before any of our code runs. */
const FRAMEWORK: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: ['too-large', 'the body is larger than this address takes'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: NOT_JSON,
  FST_ERR_CTP_INVALID_JSON_BODY: NOT_JSON,
  FST_ERR_CTP_EMPTY_JSON_BODY: NOT_JSON,
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: ['bad-request', 'the body has another length than its Content-Length'],
  FST_ERR_MAX_PARAM_LENGTH: ['not-found', 'a part of the address is longer than any name here'],
  FST_ERR_BAD_URL: ['bad-request', 'the address cannot be read'],
  ECONNRESET: ['bad-request', 'the body ended before its length'],
  HPE_HEADER_OVERFLOW: ['too-large', 'the headers are larger than this server takes'],
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | null | undefined)?.code)
}
