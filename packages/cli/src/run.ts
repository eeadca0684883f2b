import { CommanderError } from 'commander'
import { CliError } from './errors.ts'
import { EXIT_OF_ERROR, EXITS, type ExitName } from './exit-codes.ts'
import type { Io } from './io.ts'
import { printable, printableLines } from './printable.ts'
import { createProgram } from './program.ts'

/** Carries out one command line, given without the program's name, and resolves to its exit code. It never rejects. */
export async function run(argv: readonly string[], io: Io): Promise<number> {
  let exit: ExitName = 'done'
  const program = createProgram(io, (how) => {
    exit = how
  })
  try {
    await program.parseAsync(argv, { from: 'user' })
  } catch (error) {
    exit = explain(error, io)
  }
  return EXITS[exit].code
}

/** Says what went wrong, unless commander has, and how the program ends by it. */
function explain(error: unknown, { stderr }: Io): ExitName {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 'done' : 'usage'
  if (error instanceof CliError) {
    stderr.write(`bootfleet: ${printable(error.message)}\n`)
    return EXIT_OF_ERROR[error.code]
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error)
  stderr.write(`bootfleet: this is a fault in bootfleet: ${printableLines(trace)}\n`)
  return 'internal'
}
