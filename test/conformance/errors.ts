/** Why a run could not be carried out; a claim that does not hold is no error of the run. */
export type ConformanceErrorCode =
  /** What was asked for cannot be understood, or names a case there is not. */
  | 'usage'
  /** The peer could not be started, so there is nothing to test. */
  | 'no-peer'

/** The one error of a run. */
export class ConformanceError extends Error {
  readonly code: ConformanceErrorCode
  constructor(code: ConformanceErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'ConformanceError'
    this.code = code
  }
}

/** What the program ends with. */
export const EXIT_CODES: Readonly<Record<ConformanceErrorCode | 'as-expected' | 'not-as-expected', number>> = {
  'as-expected': 0,
  'not-as-expected': 1,
  usage: 2,
  'no-peer': 3,
}
