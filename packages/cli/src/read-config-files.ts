import { readFileSync } from 'node:fs'
import type { ConfigFiles } from '@bootagent/protocol'
import { CliError } from './errors.ts'

/** `web.yml=./web.yml` ▸ the files as a job carries them; what is in them is judged with the job. Throws CliError. */
export function readConfigFiles(pairs: readonly string[]): ConfigFiles {
  return Object.fromEntries(pairs.map(readPair))
}

function readPair(pair: string): [path: string, content: string] {
  const at = pair.indexOf('=')
  if (at < 1) throw new CliError('usage', `--file ${pair}: write PATH=LOCAL-FILE`)
  return [pair.slice(0, at), readText(pair.slice(at + 1))]
}

function readText(path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path))
  } catch (error) {
    throw new CliError('usage', `${path} cannot be read as UTF-8 text: ${(error as Error).message}`)
  }
}
