import type { Run } from '@bootagent/protocol'
import { type Command } from 'commander'
import { CliError } from './errors.ts'

/** How a command line says what a release runs. */
export interface RunOptions {
  readonly exec?: string
  readonly arg?: readonly string[]
}

/** Adds the program inside the package and its arguments. */
export function withRun(command: Command): Command {
  return command
    .option('--exec <path>', 'what to run, inside the package; without it what the package says')
    .option('--arg <a...>', 'its arguments; one that begins with - after an --arg of its own')
}

/** The run that was written, if any; its path is judged by the schema of whatever carries it. Throws CliError. */
export function readRun({ exec, arg }: RunOptions): Run | undefined {
  if (exec !== undefined) return { exec, ...(arg === undefined ? {} : { args: [...arg] }) }
  if (arg !== undefined) throw new CliError('usage', '--arg gives arguments to a program: it needs --exec')
  return undefined
}
