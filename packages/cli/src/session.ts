import { DEFAULT_PORT, formatServer, parseServerList } from '@bootagent/protocol'
import type { Clock } from '@bootagent/runtime'
import { readFile, stat } from 'node:fs/promises'
import { type Api, createApi } from './api.ts'
import { CliError } from './errors.ts'
import type { Io } from './io.ts'
import { createOutput, type Output } from './output.ts'

/** The options every command takes. */
export interface GlobalOptions {
  readonly server?: string
  readonly tokenFile?: string
  readonly json?: boolean
  readonly wide?: boolean
}

/** What every command works with. */
export interface Session {
  readonly api: Api
  readonly output: Output
  readonly clock: Clock
  readonly interrupt: AbortSignal
  /** A command line for the operator to type next, for the server of this one. */
  again(command: string): string
}

/** Finds the server and the token; asks the server nothing yet. Throws CliError. */
export async function openSession(options: GlobalOptions, io: Io): Promise<Session> {
  const output = createOutput(io, { json: options.json === true, wide: options.wide === true })
  const url = readServer(options.server ?? given(io.env['BOOTFLEET_SERVER']) ?? `127.0.0.1:${DEFAULT_PORT}`)
  const tokenFile = options.tokenFile ?? given(io.env['BOOTFLEET_TOKEN_FILE'])
  const token = tokenFile === undefined ? undefined : await readToken(tokenFile, output)
  return {
    api: createApi({ url, token, interrupt: io.interrupt }),
    output,
    clock: io.clock,
    interrupt: io.interrupt,
    again: (command) => [`bootfleet ${command}`, ...retyped(options)].join(' '),
  }
}

/** An environment variable that is set to nothing is not set. */
function given(value: string | undefined): string | undefined {
  return value === '' ? undefined : value
}

function readServer(text: string): string {
  const list = parseServerList(text)
  if ('refused' in list) throw new CliError('usage', list.refused)
  const [server, another] = list.servers
  if (server === undefined || another !== undefined)
    throw new CliError('usage', `"${text}" is not one server: write host:port or a URL`)
  return formatServer(server)
}

/** A token comes only from a file: an argument would be seen by everyone who lists processes. */
async function readToken(path: string, output: Output): Promise<string> {
  const text = await readText(path)
  const token = text.trim()
  if (!/^[\x21-\x7e]+$/.test(token))
    throw new CliError('file', `${path} does not hold a token: one line of visible ASCII characters`)
  if (((await stat(path)).mode & 0o077) !== 0) output.warn(`${path} can be read by others; chmod 600 would keep the token yours`)
  return token
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new CliError('file', `the token cannot be read: ${(error as Error).message}`, error)
  }
}

/** What was written as an option must be written again; what came from the environment comes again. */
function retyped(options: GlobalOptions): string[] {
  const server = options.server === undefined ? [] : ['--server', options.server]
  const token = options.tokenFile === undefined ? [] : ['--token-file', options.tokenFile]
  return [...server, ...token]
}
