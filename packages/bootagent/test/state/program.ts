import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The command that runs a tiny program of a test folder: `program('state/fixtures/update-metafile', …)`. */
export function program(path: string, ...args: string[]): [string, ...string[]] {
  return [process.execPath, fileURLToPath(new URL(`../${path}.ts`, import.meta.url)), ...args]
}
