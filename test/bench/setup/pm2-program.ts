import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The PM2 to compare with. */
export interface Pm2Program {
  readonly program: string
  readonly version: string
}

const VERSION = '7.0.4'
const CACHE = join(import.meta.dirname, '../../../.cache/bench')

/** Installs PM2 with npm, once, outside of git and of the project's packages. Throws what npm said. */
export function ensurePm2(): Pm2Program {
  const directory = join(CACHE, `pm2-${VERSION}`)
  const program = join(directory, 'node_modules/pm2/bin/pm2')
  if (!existsSync(program)) install(directory)
  return { program, version: VERSION }
}

/** Beside it first: what lies under its name has come whole. */
function install(directory: string): void {
  mkdirSync(dirname(directory), { recursive: true })
  const beside = mkdtempSync(`${directory}.`)
  try {
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error']
    execFileSync('npm', ['install', '--prefix', beside, ...options, `pm2@${VERSION}`], { stdio: ['ignore', 'ignore', 'inherit'] })
    rmSync(directory, { recursive: true, force: true })
    renameSync(beside, directory)
  } finally {
    rmSync(beside, { recursive: true, force: true })
  }
}
