import type { Clock } from '@bootagent/runtime'

/** Where text goes; it may be a terminal. `process.stdout` is one. */
export interface Sink {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  /** Characters in a line of the terminal. */
  readonly columns?: number | undefined
}

/** The world as a command meets it, so that tests and other programs may run commands in their own process. */
export interface Io {
  /** Data: tables, or JSON. */
  readonly stdout: Sink
  /** Talk: hints, progress, errors. */
  readonly stderr: Sink
  readonly env: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
  /** Aborted by Ctrl-C. */
  readonly interrupt: AbortSignal
}
