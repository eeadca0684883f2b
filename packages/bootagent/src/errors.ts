import type { Reason } from '@bootagent/protocol'

/** Why BootAgent as a whole cannot do what it was asked to; each has its exit code. */
export type BootAgentErrorCode =
  /** The command line or the local configuration cannot be used as it is. */
  | 'usage'
  /** Another BootAgent holds this home. */
  | 'already-running'
  /** A directory is missing, not writable, or not on the mount it must be on. */
  | 'home-unusable'
  /** The metafile and the copy before it are both unreadable, or one that would be used is not to be believed: no file, or somebody else's to write. */
  | 'metafile-unreadable'
  /** The metafile was written by a newer BootAgent. */
  | 'metafile-newer'
  /** There is no BootAgent to ask. */
  | 'no-daemon'
  /** What was asked of BootAgent as a whole did not come about. */
  | 'not-done'
  /** A step of a job could not be carried out; carries a reason of the errcode table instead of an exit code. */
  | 'step-failed'

/** The one table of exit codes; 0 is success and 1 a fault nobody foresaw. */
export const EXIT_CODES: Readonly<Record<BootAgentErrorCode, number>> = {
  usage: 2,
  'already-running': 3,
  'home-unusable': 4,
  'metafile-unreadable': 5,
  'metafile-newer': 6,
  'no-daemon': 7,
  'not-done': 1,
  'step-failed': 1,
}

/** The one error of this package. Its message is a sentence an operator can act on. */
export class BootAgentError extends Error {
  readonly code: BootAgentErrorCode
  constructor(code: BootAgentErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'BootAgentError'
    this.code = code
  }
}

/** A step of a job that could not be done: the reason the job will carry, and a sentence for the operator. */
export class StepError extends BootAgentError {
  readonly reason: Reason
  /** Seconds after which whoever refused wants to be asked again, when they said so. */
  readonly retryAfter?: number
  constructor(reason: Reason, message: string, cause?: unknown) {
    super('step-failed', message, cause)
    this.reason = reason
  }
}
