import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ensureDebianPackages, MissingPackages } from '../../scripts/tests/debian-packages.ts'
import { describeTally } from '../../scripts/tests/read-report.ts'
import { runVitest } from '../../scripts/tests/run-vitest.ts'
import { findImage } from './image/image.ts'
import { makeShelf } from './machine/shelf.ts'
import { NEEDED_FOR_MACHINES } from './needed.ts'
import { buildPackages, PACKAGES } from './packages/packages.ts'
import { RUN_DIRECTORY } from './run-directory.ts'

/**
 * `npm run test:vm [-- PATTERN…]`: the scenarios whose file's path holds a pattern, or all, each on a machine of its own; see README.md beside
 * this file. The last line is `N passed, N failed, N skipped`; exit code 1 when anything failed, or when it cannot be done here.
 */
process.exitCode = await main(process.argv.slice(2))

async function main(patterns: readonly string[]): Promise<number> {
  const hindrance = whyNotHere()
  if (hindrance !== undefined) return giveUp(hindrance)
  try {
    ensureDebianPackages(NEEDED_FOR_MACHINES)
  } catch (error) {
    if (!(error instanceof MissingPackages)) throw error
    return giveUp(error.message)
  }
  rmSync(join(RUN_DIRECTORY, 'consoles'), { recursive: true, force: true })
  mkdirSync(RUN_DIRECTORY, { recursive: true })
  await timed('the image', findImage)
  await timed('the packages', buildPackages)
  await timed('the shelf', () => makeShelf(PACKAGES, join(RUN_DIRECTORY, 'shelf.img')))
  const { tally, skipped } = runVitest(patterns, { config: 'test/vm/vitest.config.ts', reporter: 'verbose' })
  for (const { test, why } of skipped) process.stdout.write(`skipped: ${test}: ${why === '' ? 'no reason given' : why}\n`)
  if (tally.failed > 0) process.stdout.write(`what the machines said: ${join(RUN_DIRECTORY, 'consoles')}\n`)
  process.stdout.write(`${describeTally(tally)}\n`)
  return tally.failed > 0 ? 1 : 0
}

/** Why no machine of ours can be had on this computer. */
function whyNotHere(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return 'The executable of this processor is what is tried, on Linux for x64'
  if (process.geteuid?.() !== 0) return 'Making the image takes root'
  return undefined
}

function giveUp(why: string): number {
  process.stderr.write(`Nothing was tried: ${why}\n`)
  return 1
}

async function timed(what: string, make: () => unknown): Promise<void> {
  const since = performance.now()
  await make()
  process.stdout.write(`${what}: ${((performance.now() - since) / 1000).toFixed(1)} s\n`)
}
