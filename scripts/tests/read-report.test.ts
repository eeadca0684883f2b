import { expect, test } from 'vitest'
import { describeTally, type Report, readReport } from './read-report.ts'

type Status = 'passed' | 'failed'

function file(status: Status, ...tests: string[]): Report['testResults'][number] {
  return { name: 'a.test.ts', status, assertionResults: tests.map((each) => ({ status: each })) }
}

test('tests are counted by how they ended; todo and pending ones were skipped', () => {
  const report = { testResults: [file('passed', 'passed', 'skipped', 'todo'), file('failed', 'failed', 'passed', 'pending')] }
  expect(describeTally(readReport(report))).toBe('2 passed, 1 failed, 3 skipped')
})

test('a file that could not be loaded is a failure, though it has no failed test', () => {
  expect(readReport({ testResults: [file('failed')] })).toEqual({ passed: 0, failed: 1, skipped: 0 })
})

test('a hook that failed after tests had passed is a failure', () => {
  expect(readReport({ testResults: [file('failed', 'passed')] })).toEqual({ passed: 1, failed: 1, skipped: 0 })
})
