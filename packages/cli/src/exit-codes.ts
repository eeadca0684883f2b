import type { CliErrorCode } from './errors.ts'

interface ExitRow {
  readonly code: number
  readonly meaning: string
}

function row(code: number, meaning: string): ExitRow {
  return { code, meaning }
}

/** Every way bootfleet ends; docs/programs/bootfleet.md repeats this table, and a test compares the two. */
export const EXITS = {
  done: row(0, 'what was asked is done'),
  'job-failed': row(1, 'with --wait: the job failed on at least one host'),
  usage: row(2, 'the command line is wrong, or a host it names is unknown or not the only one of that name'),
  unreachable: row(3, 'no server answered'),
  refused: row(4, 'the server refused, or what answered is not bootserver'),
  'wait-over': row(5, '--timeout passed before every host had answered; the job goes on'),
  file: row(6, 'a file could not be read: the package, or the token'),
  internal: row(70, 'a fault in bootfleet itself'),
  interrupted: row(130, 'ended by Ctrl-C; a job once made goes on'),
} as const satisfies Record<string, ExitRow>

/** A way to end: a key of the one table. */
export type ExitName = keyof typeof EXITS

/** How each error ends the program. */
export const EXIT_OF_ERROR: Readonly<Record<CliErrorCode, ExitName>> = {
  usage: 'usage',
  'no-such-host': 'usage',
  'ambiguous-host': 'usage',
  unreachable: 'unreachable',
  busy: 'refused',
  refused: 'refused',
  'strange-reply': 'refused',
  file: 'file',
  interrupted: 'interrupted',
}
