import { DEFAULT_PORT, Tags } from '@bootagent/protocol'
import { LOG_LEVELS, type LogLevel, type LogSettings } from '@bootagent/runtime'
import { Command, InvalidArgumentError, Option } from 'commander'
import * as v from 'valibot'
import { VERSION } from './version.ts'

/** How a server is to run. */
export interface ServerConfig {
  readonly listen: ListenAddress
  /** The directory that holds the database and the packages; made when absent, for its owner only. */
  readonly data: string
  /** What new hosts are tagged with, `svc=ecs,cmpt=DB`. */
  readonly tags: string
  /** What operators must show; without one the server listens on a loopback address only. */
  readonly token?: string | undefined
  /** Where hosts download packages, `http://host:port`; by default the address they reached the server by. */
  readonly publicUrl?: string | undefined
  /** The largest package that may be published, in bytes. */
  readonly maxPackage: number
  /** How many days events are kept after they came. */
  readonly keepEvents: number
  /** How many events are kept of one host. */
  readonly maxEvents: number
}

/** Port 0 lets the system choose. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** What the command line asks for. */
export interface CommandLine {
  readonly config: Omit<ServerConfig, 'token'>
  readonly tokenFile?: string | undefined
  readonly log: LogSettings
}

/** What the server runs with when nothing is said. */
export const DEFAULTS: ServerConfig = {
  listen: { host: '127.0.0.1', port: DEFAULT_PORT },
  data: '/var/lib/bootserver',
  tags: '',
  maxPackage: 2 * 1024 ** 3,
  keepEvents: 30,
  maxEvents: 1000,
}

interface Options {
  readonly listen: ListenAddress
  readonly data: string
  readonly tags: string
  readonly tokenFile?: string
  readonly publicUrl?: string
  readonly maxPackage: number
  readonly keepEvents: number
  readonly maxEvents: number
  readonly l: LogLevel
  readonly L?: string
}

/** Reads the arguments after the program's name. Throws CommanderError, after having printed what was asked for or what is wrong. */
export function readCommandLine(argv: readonly string[]): CommandLine {
  const command = describe(new Command())
  command.parse(argv, { from: 'user' })
  const { tokenFile, l: level, L: file, ...config } = command.opts<Options>()
  return { config, tokenFile, log: { level, ...(file === undefined ? {} : { file }) } }
}

function describe(command: Command): Command {
  return command
    .name('bootserver')
    .description('The control server of a fleet of BootAgents.')
    .addOption(
      new Option('--listen <host:port>', 'where to listen; port 0 lets the system choose')
        .default(DEFAULTS.listen, `127.0.0.1:${DEFAULT_PORT}`)
        .argParser(parseListen),
    )
    .option('--data <dir>', 'where the database and the packages are kept', DEFAULTS.data)
    .option('--tags <k=v,…>', 'what new hosts are tagged with', parseTagList, DEFAULTS.tags)
    .option('--token-file <file>', 'holds the token that operators must show; needed unless it listens on a loopback address')
    .option('--public-url <url>', 'where hosts download packages; by default where they reached the server', parsePublicUrl)
    .addOption(
      new Option('--max-package <size>', 'the largest package taken; K, M, G of 1024')
        .default(DEFAULTS.maxPackage, '2G')
        .argParser(parseSize),
    )
    .option('--keep-events <days>', 'how long events are kept', parseCount, DEFAULTS.keepEvents)
    .option('--max-events <n>', 'how many events are kept of each host, the latest', parseCount, DEFAULTS.maxEvents)
    .addOption(new Option('-l <level>', 'log this and what is worse').choices(LOG_LEVELS).default('info'))
    .option('-L <file>', 'log to a file that is rotated, not to standard output')
    .version(VERSION, '-V', 'print the version')
    .helpOption('-h', 'print this')
    .exitOverride()
}

function parseListen(text: string): ListenAddress {
  const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+):(\d{1,5})$/.exec(text)
  const port = Number(match?.[2])
  if (match?.[1] === undefined || port > 65_535) throw new InvalidArgumentError('Write host:port or [ipv6]:port.')
  return { host: match[1].replace(/^\[|\]$/g, ''), port }
}

function parseTagList(text: string): string {
  if (v.is(Tags, text)) return text
  throw new InvalidArgumentError('Write key=value, separated by commas.')
}

function parsePublicUrl(text: string): string {
  const url = URL.parse(text)
  const plain = url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === ''
  if (!plain) throw new InvalidArgumentError('Write http://host:port or https://host:port, with a path at most.')
  return url.href.replace(/\/+$/, '')
}

function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('Write a whole number from 1 to 999999.')
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }

function parseSize(text: string): number {
  const match = /^([1-9]\d{0,11})([KMG]?)$/i.exec(text)
  if (match === null) throw new InvalidArgumentError('Write a number of bytes, or one with K, M or G.')
  return Number(match[1]) * (UNITS[(match[2] ?? '').toUpperCase()] ?? 1)
}
