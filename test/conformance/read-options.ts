import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type BenchSettings, DEFAULT_PATIENCE } from './bench.ts'
import { ConformanceError } from './errors.ts'

/** What is tested. */
export type SideName = 'agent' | 'server'

/** What a command line asks for. */
export interface Options {
  readonly side: SideName
  readonly settings: BenchSettings
  /** Names of cases; none means all. */
  readonly only: readonly string[]
  /** Another list of known failures than the side's own. */
  readonly xfails: string | undefined
  readonly json: boolean
  readonly list: boolean
}

const USAGE = `usage: run.ts agent  [--command 'PROGRAM … {home} … {config} … {servers}'] [options]
       run.ts server [--command 'PROGRAM … {data}' | --url URL] [options]

  --only CASE         this case; may be given several times
  --xfails FILE       known failures, {"case": "reason"}
  --patience SECONDS  how long one case may take (${DEFAULT_PATIENCE / 1000})
  --json              one JSON verdict a line instead of the table
  --list              print the cases and run none

A command is split at blanks. CONFORMANCE_AGENT stands for --command, CONFORMANCE_SERVER for --command or --url;
CONFORMANCE_TOKEN is shown to a server that wants its operators' token.`

const OPTIONS = {
  command: { type: 'string' },
  url: { type: 'string' },
  only: { type: 'string', multiple: true, default: [] },
  xfails: { type: 'string' },
  patience: { type: 'string', default: String(DEFAULT_PATIENCE / 1000) },
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
} as const satisfies ParseArgsConfig['options']

/** Reads the command line and the environment; throws `usage` with how it is to be. */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): Options {
  const { values, positionals } = parse(argv)
  const [side, ...others] = positionals
  const patience = Number(values.patience) * 1000
  if ((side !== 'agent' && side !== 'server') || others.length > 0) throw new ConformanceError('usage', USAGE)
  if (side === 'agent' && values.url !== undefined) throw new ConformanceError('usage', 'a BootAgent has no --url')
  if (!(patience > 0)) throw new ConformanceError('usage', '--patience is a number of seconds')
  const peer = values.url ?? values.command ?? env[side === 'agent' ? 'CONFORMANCE_AGENT' : 'CONFORMANCE_SERVER']
  const { only, xfails, json, list } = values
  return { side, settings: { peer, patience, token: env['CONFORMANCE_TOKEN'] }, only, xfails, json, list }
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], allowPositionals: true, options: OPTIONS })
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS_')) throw error
    throw new ConformanceError('usage', `${(error as Error).message}\n\n${USAGE}`, error)
  }
}
