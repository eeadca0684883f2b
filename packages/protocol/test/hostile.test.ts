import * as v from 'valibot'
import { expect, test } from 'vitest'
import { type HostileCase, hostileCases } from '../fixtures/hostile-cases.ts'
import { type JobReading, readJob, RegisterReply, RegisterRequest, StatusReply, StatusReport } from '../src/index.ts'

const SCHEMAS = {
  'status-reply': StatusReply,
  'status-report': StatusReport,
  'register-request': RegisterRequest,
  'register-reply': RegisterReply,
} as const

test.each(hostileCases())('$claim ($file)', (hostile) => {
  const { says, unsaid, ...rest } = hostile.expect
  const outcome = outcomeOf(hostile)
  expect(outcome.shown).toMatchObject(rest)
  expect(outcome.said).toContain(says ?? '')
  expect(unsaid !== undefined && JSON.stringify(outcome.shown).includes(unsaid)).toBe(false)
  // A result says at most 500 characters, and says them on an operator's terminal.
  expect(outcome.said.length).toBeLessThanOrEqual(500)
  expect(outcome.said).not.toMatch(/\p{C}/u)
  // What was accepted can be written to the disk and sent on.
  expect(() => JSON.stringify(outcome.kept)).not.toThrow()
  expect(Object.keys(Object.prototype)).toEqual([])
})

/** `shown` is compared, `said` is the refusal's sentence, `kept` is what goes on to the disk. */
interface Outcome {
  readonly shown: object
  readonly said: string
  readonly kept: unknown
}

function outcomeOf({ message, body }: HostileCase): Outcome {
  if (message === 'job') {
    const reading = readJob(body)
    return { shown: reading, said: 'message' in reading ? reading.message : '', kept: reading }
  }
  const reading = v.safeParse(SCHEMAS[message], body)
  if (!reading.success) return { shown: { accepted: false }, said: firstIssue(reading.issues[0]), kept: null }
  if (message !== 'status-reply') return { shown: { accepted: true }, said: '', kept: reading.output }
  return { shown: { accepted: true, jobs: countReadings(reading.output) }, said: '', kept: null }
}

function firstIssue(issue: v.BaseIssue<unknown>): string {
  return `${v.getDotPath(issue) ?? 'body'}: ${issue.expected}`
}

function countReadings(reply: object): Record<JobReading['kind'], number> {
  const counts = { job: 0, refused: 0, unanswerable: 0 }
  for (const entry of v.parse(StatusReply, reply).jobs ?? []) counts[readJob(entry).kind] += 1
  return counts
}
