import { expect, test } from 'vitest'
import { showFindings } from './show-findings.ts'

const result = {
  version: '1.2.3',
  failed: true,
  findings: [
    { check: 'home', verdict: 'ok', text: 'it is there' },
    { check: 'agent', subject: 'metrics', verdict: 'FAIL', text: 'release 1 is gone', advice: 'install it again' },
  ],
} as const

test('a line a finding in columns, what to do behind it, and the outcome last', () => {
  expect(showFindings(result, false)).toBe(
    'ok    home   it is there\nFAIL  agent  metrics: release 1 is gone; install it again\nFailed\n',
  )
  expect(showFindings({ ...result, failed: false }, false)).toMatch(/\nSuccess\n$/)
})

test('for machines it is one line of JSON', () => {
  expect(JSON.parse(showFindings(result, true))).toEqual({ success: false, version: '1.2.3', findings: result.findings })
})

// What a server says, and what is in a metafile, is not ours.
test('nothing of it can move a cursor', () => {
  const hostile = { ...result, findings: [{ check: 'server', verdict: 'warn', text: 'a\n\u001B[2Jb' } as const] }
  expect(showFindings(hostile, false)).toBe('warn  server  a\\n\\x1b[2Jb\nFailed\n')
})
