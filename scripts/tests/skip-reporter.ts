import { writeFileSync } from 'node:fs'
import process from 'node:process'
import type { Reporter, TestCase } from 'vitest/node'

/** A test that was not run, and why: what it said to `context.skip(why)`, empty when it said nothing. */
export interface Skipped {
  readonly test: string
  readonly why: string
}

/** The environment variable that names the file the list is left in, as JSON. */
export const SKIPPED_FILE = 'BOOTAGENT_TESTS_SKIPPED'

/** Vitest's own JSON report tells which tests were skipped and leaves out why; this reporter keeps it. */
export default class SkipReporter implements Reporter {
  readonly #skipped: Skipped[] = []

  onTestCaseResult(test: TestCase): void {
    const result = test.result()
    if (result.state !== 'skipped') return
    this.#skipped.push({ test: `${test.module.relativeModuleId}: ${test.fullName}`, why: result.note ?? '' })
  }

  onTestRunEnd(): void {
    const path = process.env[SKIPPED_FILE]
    if (path !== undefined) writeFileSync(path, JSON.stringify(this.#skipped))
  }
}
