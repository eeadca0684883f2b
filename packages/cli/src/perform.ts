import type { Command } from 'commander'
import type { ExitName } from './exit-codes.ts'
import type { GlobalOptions, Session } from './session.ts'

/** What a command does with the options and arguments that were written, and how it ends. It throws CliError. */
export type Act<Options> = (session: Session, options: Options, ...args: string[]) => Promise<ExitName>

/** Makes an act what commander calls: with a session opened for it, and its end noted. */
export type Perform = <Options extends object>(act: Act<Options & GlobalOptions>) => (this: Command) => Promise<void>
