import { resolve } from 'node:path'
import { AgentName, Agentsn, parseServerList } from '@bootagent/protocol'
import { LOG_LEVELS, type LogLevel } from '@bootagent/runtime'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import * as v from 'valibot'
import type { BuildInfo } from '../build-info.ts'
import { BootAgentError } from '../errors.ts'

/** Where things lie when nobody says otherwise; printed by `-h`. */
export const DEFAULTS = { home: '/var/lib/bootagent', run: '/run/bootagent' }

/** The words a command line may begin with; none of them is `run`. */
const COMMANDS = {
  status: { takes: '[name]', does: 'print BootAgent and every agent of this host, or one agent, and what it does' },
  why: { takes: '<name>', does: 'print why an agent is as it is, and what can be done' },
  start: { takes: '[name]', does: 'start an agent, and forget its failures; without a name BootAgent itself' },
  stop: { takes: '[name]', does: 'stop an agent until it is started; without a name BootAgent itself, whose agents go on' },
  restart: { takes: '[name]', does: 'stop an agent and start it again; without a name BootAgent itself, whose agents go on' },
  logs: { takes: '<name>', does: 'print the end of what an agent wrote, and with -f what it writes from then on' },
  reset: { takes: '<name>', does: 'forget the failures of an agent that was given up, and start it' },
  inspect: { takes: undefined, does: 'print the metafile, secrets masked' },
  version: { takes: undefined, does: 'print version, commit and build date, and what runs if that is another' },
  'install-service': { takes: undefined, does: 'have systemd start BootAgent with these options at each boot' },
  'uninstall-service': { takes: undefined, does: 'take back what install-service did' },
} as const
type CommandName = keyof typeof COMMANDS

/** What the command line asks for. */
export interface Options {
  readonly command: 'run' | 'test' | CommandName
  /** The agent a command is about; undefined when it names none. */
  readonly agent: string | undefined
  /** With `stop` of BootAgent: whether every agent is stopped first. */
  readonly drain: boolean
  /** With `logs`: whether to go on, and how many lines to begin with. */
  readonly follow: boolean
  readonly lines: number
  readonly servers: string | undefined
  readonly agentsn: string | undefined
  readonly log: string | undefined
  readonly level: LogLevel | undefined
  readonly pidFile: string | undefined
  readonly foreground: boolean
  readonly home: string
  readonly run: string
  readonly config: string | undefined
  readonly json: boolean
  /** With `-T`: no server is asked. */
  readonly offline: boolean
  /** With `-T`: whether agents are looked at, which say nothing for or against a BootAgent. */
  readonly agents: boolean
}

/** What was printed already, as `-h` and `-V` are. */
export type Reading = { readonly kind: 'options'; readonly options: Options } | { readonly kind: 'printed' }

/** Reads the command line (seed 001, 命令行参数, and its family's); throws `usage` with what is wrong. */
export function readOptions(argv: readonly string[], build: BuildInfo, print: (text: string) => void): Reading {
  let command: Options['command'] = 'run'
  const program = createProgram(build, print)
  program.action(() => undefined)
  let agent: string | undefined
  let drain = false
  let ofLogs: { readonly follow?: boolean; readonly lines?: number } | undefined
  for (const [name, { takes, does }] of Object.entries(COMMANDS)) {
    const added = program.command(name).description(does)
    if (takes !== undefined) added.argument(takes, 'the name of an agent', agentName)
    if (name === 'logs') addLogOptions(added)
    if (name === 'stop') added.option('--drain', 'stop every agent first; they run again with the next start of BootAgent')
    added.action((given: unknown) => {
      command = name as CommandName
      agent = typeof given === 'string' ? given : undefined
      if (name === 'logs') ofLogs = added.opts()
      drain = added.opts<{ readonly drain?: boolean }>().drain ?? false
    })
  }
  try {
    program.parse([...argv], { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return { kind: 'printed' }
    throw new BootAgentError('usage', `${error.message.replace(/^error: /, '')}\nTry: bootagent --help`, error)
  }
  if (drain && agent !== undefined) throw new BootAgentError('usage', '--drain is for BootAgent itself: name no agent with it')
  const given = program.opts<Partial<Options> & { test?: boolean }>()
  const home = resolve(given.home ?? DEFAULTS.home)
  return {
    kind: 'options',
    options: {
      command: given.test === true ? 'test' : command,
      agent,
      drain,
      // An option of the program is its own wherever it stands, so `logs NAME -f` comes as `-f`.
      follow: ofLogs !== undefined && (ofLogs.follow ?? given.foreground ?? false),
      lines: ofLogs?.lines ?? DEFAULT_LINES,
      servers: given.servers,
      agentsn: given.agentsn,
      log: given.log,
      level: given.level,
      pidFile: given.pidFile,
      foreground: given.foreground ?? false,
      home,
      // A home of one's own has a run directory of its own: two BootAgents must not meet in one.
      run: resolve(given.run ?? defaultRun(home)),
      config: given.config,
      json: given.json ?? false,
      offline: given.offline ?? false,
      agents: given.agents ?? true,
    },
  }
}

/** Where what a reboot may erase is kept, for a home. */
export function defaultRun(home: string): string {
  return home === DEFAULTS.home ? DEFAULTS.run : `${home}/run`
}

function createProgram(build: BuildInfo, print: (text: string) => void): Command {
  return new Command('bootagent')
    .description('Installs, runs, watches and upgrades the agents of this host, as its control server asks.')
    .option(
      '-S, --servers <list>',
      'control servers, HOST[:PORT] or URL, comma-separated; counts at first start only',
      serverList,
    )
    .option('-T, --test', 'test this host and say what was found, without running; its own log only where -L says')
    .option('--offline', 'with -T: ask no server')
    .option('--no-agents', 'with -T: leave the agents out')
    .option('-L, --log <file>', 'write the log to this file; standard output in the foreground')
    .addOption(new Option('-l, --level <level>', 'how much to log').choices(LOG_LEVELS))
    .option('-P, --pid-file <file>', 'write the process id to this file')
    .option('-f, --foreground', 'stay in the foreground')
    .option('--home <dir>', `where this host keeps what must survive (${DEFAULTS.home})`)
    .option('--run <dir>', `where it keeps what a reboot may erase (${DEFAULTS.run}, or HOME/run for a --home of one's own)`)
    .option('-c, --config <file>', 'local configuration (/etc/bootagent/bootagent.json, if there)')
    .option('--agentsn <sn>', 'be known by this instead of the machine’s own identity; counts at first start only', agentsn)
    .option('--json', 'with a command and with -T: JSON for machines')
    .version(versionText(build), '-V, --version', 'print version, commit and build date')
    .helpOption('-h, --help', 'print this')
    .addHelpText('after', () => builtIn(build))
    .allowExcessArguments(false)
    .exitOverride()
    .configureOutput({ writeOut: print, writeErr: () => undefined })
}

function addLogOptions(logs: Command): void {
  logs
    .option('-f, --follow', 'go on until interrupted')
    .option('-n, --lines <count>', `how many lines to begin with (${DEFAULT_LINES})`, lineCount)
}

const DEFAULT_LINES = 100

/** As `-V` prints it. */
export function versionText(build: BuildInfo): string {
  return `bootagent ${build.version} (commit ${build.commit}, ${build.date === '' ? 'not built' : `built ${build.date}`})`
}

function builtIn(build: BuildInfo): string {
  return `
Built in:
  servers  ${build.servers === '' ? '(none: the first start needs -S)' : build.servers}
  home     ${DEFAULTS.home}
  run      ${DEFAULTS.run}
  version  ${versionText(build).replace('bootagent ', '')}

Examples:
  bootagent -f -S booter.example.com:8180,192.0.2.1    first start, in the foreground
  bootagent -T                                         is this host set up rightly?
  bootagent status                                     what do its agents do?
  bootagent why AGENT                                  and why?`
}

function serverList(text: string): string {
  const parsed = parseServerList(text)
  if ('refused' in parsed) throw new InvalidArgumentError(parsed.refused)
  if (parsed.servers.length === 0) throw new InvalidArgumentError('the list names no server')
  return text
}

function agentsn(text: string): string {
  if (!v.is(Agentsn, text)) throw new InvalidArgumentError('1 to 64 letters, digits, . _ : or -')
  return text
}

function lineCount(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('a whole number, 0 or more')
  return Number(text)
}

function agentName(text: string): string {
  if (!v.is(AgentName, text)) throw new InvalidArgumentError('1 to 50 letters, digits, _ or -')
  return text
}
