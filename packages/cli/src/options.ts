import { type Command, InvalidArgumentError, Option } from 'commander'
import { CliError } from './errors.ts'

/** Adds the three ways to say which hosts a job is for. */
export function withTarget(command: Command): Command {
  return command
    .addOption(new Option('--host <sn...>', 'these hosts: agentsn, the beginning of one, or hostname').helpGroup('Which hosts:'))
    .addOption(new Option('--tags <k=v,...>', 'the hosts that have all these tags now').helpGroup('Which hosts:'))
    .addOption(new Option('--all', 'every host').helpGroup('Which hosts:'))
}

/** What {@link withWait} adds. */
export interface WaitOptions {
  readonly wait?: boolean
  /** Seconds; without it, until every host has answered. */
  readonly timeout?: number
}

/** Adds waiting for the job's end. */
export function withWait(command: Command): Command {
  return command
    .option('--wait', 'wait until every host has answered, and show the result')
    .option('--timeout <seconds>', 'with --wait: give up waiting after that time; the job goes on', wholeSeconds)
}

/** True when the job is to be waited for. Throws CliError where it is said how long to wait, but not to wait. */
export function wishesToWait({ wait, timeout }: WaitOptions): boolean {
  if (wait !== true && timeout !== undefined) throw new CliError('usage', '--timeout says how long to wait: it needs --wait')
  return wait === true
}

/** For commander: a number of seconds, 1 or more. */
export function wholeSeconds(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('It is not a whole number of seconds from 1 up.')
  return Number(text)
}

/** For commander: a number of things, 1 or more. */
export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is not a whole number from 1 up.')
  return Number(text)
}

/** The last part of a help page. */
export function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
}
