import process from 'node:process'
import { CHECKS } from './checks.ts'
import { runStages } from './run-stages.ts'
import { ensureDebianPackages, MissingPackages } from './tests/debian-packages.ts'
import { describeTally } from './tests/read-report.ts'
import { runVitest } from './tests/run-vitest.ts'

/**
 * `npm test`: the Debian packages that tests need, every check, every test; the last line is `N passed, N failed, N skipped`.
 * `npm test -- PATTERN` runs only the test files whose path holds the pattern, and no check. Exit code 1 when anything
 * failed.
 */
process.exitCode = await main(process.argv.slice(2))

async function main(patterns: readonly string[]): Promise<number> {
  try {
    ensureDebianPackages()
  } catch (error) {
    if (!(error instanceof MissingPackages)) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
  // The unit tests are among all tests, which are run below.
  const failed = patterns.length > 0 ? [] : await runStages(CHECKS.filter(({ name }) => name !== 'unit'))
  const { tally, skipped } = runVitest(patterns)
  for (const { test, why } of skipped) process.stdout.write(`skipped: ${test}: ${why === '' ? 'no reason given' : why}\n`)
  if (failed.length > 0) process.stdout.write(`checks failed: ${failed.join(', ')}\n`)
  process.stdout.write(`${describeTally(tally)}\n`)
  return failed.length + tally.failed > 0 ? 1 : 0
}
