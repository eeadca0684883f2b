/** The part of vitest's JSON report that is read here. */
export interface Report {
  readonly testResults: readonly {
    /** The test file. */
    readonly name: string
    readonly status: 'passed' | 'failed'
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/** What a run came to; the last line of `npm test` is made of it. */
export interface Tally {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/**
 * Counts tests. A file that failed without any failed test could not be loaded, or failed in a hook: it counts as one
 * failed test, so that nothing that went wrong is missing from the count.
 */
export function readReport(report: Report): Tally {
  const statuses = report.testResults.flatMap((file) => file.assertionResults.map(({ status }) => status))
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((each) => each.status === 'failed'),
  )
  const passed = statuses.filter((status) => status === 'passed').length
  const failed = statuses.filter((status) => status === 'failed').length
  return { passed, failed: failed + broken.length, skipped: statuses.length - passed - failed }
}

/** `12 passed, 0 failed, 1 skipped`. */
export function describeTally({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`
}
