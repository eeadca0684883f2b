import process from 'node:process'
import { parseArgs } from 'node:util'
import { CHECKS, FORMATTING } from './checks.ts'
import { runStages } from './run-stages.ts'

/**
 * `npm run check`: all that can be said of the code without starting it for real, in under a minute. `--fix` formats the
 * files first (`npm run check -- --fix`). Exit code 1 when anything fails.
 */
const { values } = parseArgs({ options: { fix: { type: 'boolean', default: false } } })
const unformatted = values.fix ? await runStages([FORMATTING]) : []
const failed = await runStages(CHECKS)
process.exitCode = unformatted.length + failed.length === 0 ? 0 : 1
