import { execFile } from 'node:child_process'
import process from 'node:process'
import { promisify } from 'node:util'
import { Refusal } from './refusal.ts'

/** Packages of Debian's by the program that is needed of them. */
const PACKAGES: Readonly<Record<string, string>> = { 'dpkg-deb': 'dpkg', rpmbuild: 'rpm', tar: 'tar', gzip: 'gzip' }

/** Runs a program of this machine to its end; throws what it said, or which package to install. Its output is not shown. */
export async function runTool(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const env = { ...process.env, LC_ALL: 'C.UTF-8', TZ: 'UTC', ...options.env }
  try {
    await promisify(execFile)(program, args, { ...options, env, maxBuffer: 64 * 1024 ** 2 })
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string }
    if (code === 'ENOENT')
      throw new Refusal(`${program} is needed: apt-get install --no-install-recommends ${PACKAGES[program] ?? program}`, {
        cause: error,
      })
    throw new Error(`${program} failed: ${stderr ?? String(error)}`, { cause: error })
  }
}
