import { columns } from '../columns.ts'
import { printableJson } from '../printable.ts'
import type { Finding } from './finding.ts'

/** What `-T` came to. */
export interface TestResult {
  readonly findings: readonly Finding[]
  readonly failed: boolean
  readonly version: string
}

/** A line a finding, then `Success` or `Failed`; or the same as one line of JSON. */
export function showFindings({ findings, failed, version }: TestResult, json: boolean): string {
  if (json) return `${printableJson({ success: !failed, version, findings })}\n`
  const rows = findings.map(({ check, verdict, subject, text, advice }) => [
    verdict.padEnd(4),
    check,
    `${subject === undefined ? '' : `${subject}: `}${text}${advice === undefined ? '' : `; ${advice}`}`,
  ])
  return `${columns(rows)}${failed ? 'Failed' : 'Success'}\n`
}
