import { execFile } from 'node:child_process'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'

const ROOT = join(import.meta.dirname, '../..')

/** Runs scripts/package.ts, which is all that contrib/package.sh does; resolves to the paths of what was made, by format. */
export async function runPackage(dist: string, ...args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const script = join(ROOT, 'scripts/package.ts')
  const given = [script, ...args, '--dist', dist, '--quick', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, given, { cwd: ROOT })
  const { made } = JSON.parse(stdout) as { made: { format: string; path: string }[] }
  return Object.fromEntries(made.map(({ format, path }) => [format, path]))
}
