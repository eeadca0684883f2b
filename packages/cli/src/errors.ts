/** Why a command could not be carried out. */
export type CliErrorCode =
  /** The command line contradicts itself or holds a value that cannot be. */
  | 'usage'
  /** No host has that agentsn, prefix or hostname. */
  | 'no-such-host'
  /** More than one host has it. */
  | 'ambiguous-host'
  /** No answer came: refused, unknown name, cut off, too late. */
  | 'unreachable'
  /** The server answers, but not now (503). */
  | 'busy'
  /** The server said no, and why. */
  | 'refused'
  /** Something answered that does not speak as bootserver does. */
  | 'strange-reply'
  /** The package or the token could not be read. */
  | 'file'
  /** Ctrl-C. */
  | 'interrupted'

/** The one error of this package; the message is a sentence for the operator. */
export class CliError extends Error {
  readonly code: CliErrorCode
  constructor(code: CliErrorCode, message: string, cause?: unknown) {
    super(message, { cause })
    this.name = 'CliError'
    this.code = code
  }
}
