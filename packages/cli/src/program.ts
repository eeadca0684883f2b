import { Command, Option, type OutputConfiguration } from 'commander'
import { cancelCommand } from './commands/cancel.ts'
import { configCommand } from './commands/config.ts'
import { controlCommands } from './commands/control.ts'
import { deliverCommands } from './commands/deliver.ts'
import { eventCommand } from './commands/event.ts'
import { eventsCommand } from './commands/events.ts'
import { hostCommand } from './commands/host.ts'
import { hostsCommand } from './commands/hosts.ts'
import { jobCommand } from './commands/job.ts'
import { jobsCommand } from './commands/jobs.ts'
import { packagesCommand } from './commands/packages.ts'
import { publishCommand } from './commands/publish.ts'
import { uninstallCommand } from './commands/uninstall.ts'
import { CliError } from './errors.ts'
import type { ExitName } from './exit-codes.ts'
import type { Io } from './io.ts'
import { examples } from './options.ts'
import type { Act, Perform } from './perform.ts'
import { printableLines } from './printable.ts'
import { type GlobalOptions, openSession } from './session.ts'
import { VERSION } from './version.ts'

/** The whole command line: parsing it runs the one command that was asked for and tells `ended` how that went. */
export function createProgram(io: Io, ended: (exit: ExitName) => void): Command {
  const program = new Command('bootfleet')
    .description('Look at a fleet of hosts, and install, upgrade, start and stop the agents on them.')
    .version(`bootfleet ${VERSION}`, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    // Options after a command's name are the command's: `--arg --json` is for the agent, not for us.
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput(outputOf(io))
    .addHelpText(
      'after',
      examples(['bootfleet hosts', 'bootfleet publish sample-agent-1.0.0.tar.gz', 'bootfleet install sample-agent --all --wait']),
    )
  addGlobalOptions(program)
  for (const command of commands(performWith(program, io, ended))) {
    command.copyInheritedSettings(program)
    program.addCommand(command)
    addGlobalOptions(command)
    adviseAfterError(command)
  }
  adviseAfterError(program)
  return program
}

function commands(perform: Perform): Command[] {
  return [
    hostsCommand(perform),
    hostCommand(perform),
    eventsCommand(perform),
    eventCommand(perform),
    jobsCommand(perform),
    jobCommand(perform),
    packagesCommand(perform),
    publishCommand(perform),
    ...deliverCommands(perform),
    uninstallCommand(perform),
    ...controlCommands(perform),
    configCommand(perform),
    cancelCommand(perform),
  ]
}

/** Taken before and after a command's name; what stands after it counts. */
function addGlobalOptions(command: Command): void {
  const options = [
    new Option('--server <url>', 'the control server, host:port or a URL (BOOTFLEET_SERVER; else http://127.0.0.1:8180)'),
    new Option('--token-file <file>', 'a file that holds the operator token (BOOTFLEET_TOKEN_FILE)'),
    new Option('--json', 'print JSON, one document or event a line'),
    new Option('--wide', 'print names in full'),
  ]
  for (const option of options) command.addOption(option.helpGroup('Global options:'))
}

function adviseAfterError(command: Command): void {
  const usage = command.createHelp().commandUsage(command)
  command.showHelpAfterError(`usage: ${usage}\n'${usage.split(' [')[0]} --help' tells more`)
}

/** What commander writes repeats what was typed, and errors may name hosts: both are made harmless. */
function outputOf(io: Io): OutputConfiguration {
  return {
    writeOut: (text) => void io.stdout.write(text),
    writeErr: (text) => void io.stderr.write(text),
    outputError: (text, write) => write(printableLines(text.replace(/^error: /, 'bootfleet: '))),
    getOutHelpWidth: () => io.stdout.columns ?? 100,
    getErrHelpWidth: () => io.stderr.columns ?? 100,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  }
}

function performWith(program: Command, io: Io, ended: (exit: ExitName) => void): Perform {
  return <Options extends object>(act: Act<Options & GlobalOptions>) =>
    async function (this: Command) {
      const options = { ...program.opts<GlobalOptions>(), ...this.opts<Options & GlobalOptions>() }
      try {
        ended(await act(await openSession(options, io), options, ...this.args))
      } catch (error) {
        // Only here is it known which command's usage to show.
        if (error instanceof CliError && error.code === 'usage') this.error(`error: ${error.message}`)
        throw error
      }
    }
}
