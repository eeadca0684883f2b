import { ERRORS, type Reason } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { decideTry, type FailedTry, NO_TRIES, type Tries } from './decide-try.ts'

const BY = { tries: 5, pause: 5000, random: 1 }

function decided(failed: Partial<FailedTry>, before: Partial<Tries> = {}, by: Partial<typeof BY> = {}) {
  return decideTry({ reason: 'fetch-cut', gained: 0, ...failed }, { ...NO_TRIES, ...before }, { ...BY, ...by })
}

const PASSING: readonly Reason[] = ['fetch-unreachable', 'fetch-failed', 'fetch-cut', 'fetch-timeout', 'internal']

test.each(PASSING)('%s may pass: it is tried again, with what is there', (reason) => {
  expect(decided({ reason })).toMatchObject({ kind: 'again', fromScratch: false, tries: { barren: 1, scratched: false } })
})

// A refusal, a wrong size, a bad certificate, a full or broken disk.
test.each((Object.keys(ERRORS) as Reason[]).filter((reason) => ![...PASSING, 'checksum-mismatch'].includes(reason)))(
  '%s does not pass by itself: it is not tried again',
  (reason) => {
    expect(decided({ reason })).toEqual({ kind: 'give-up' })
  },
)

test('wrong bytes are fetched once more, at once, all of them', () => {
  const once = decided({ reason: 'checksum-mismatch' }, { barren: 3 })
  expect(once).toEqual({ kind: 'again', after: 0, fromScratch: true, tries: { barren: 0, scratched: true } })
  expect(decided({ reason: 'checksum-mismatch' }, { scratched: true })).toEqual({ kind: 'give-up' })
})

test('the fifth try in vain is the last', () => {
  expect(decided({}, { barren: 3 })).toMatchObject({ kind: 'again', tries: { barren: 4 } })
  expect(decided({}, { barren: 4 })).toEqual({ kind: 'give-up' })
})

// 2 GB over a line that is cut every 100 MB would otherwise never come.
test('a try that brought a MiB was not in vain, and counting begins anew', () => {
  expect(decided({ gained: 1024 ** 2 }, { barren: 4 })).toMatchObject({ kind: 'again', tries: { barren: 1 } })
  expect(decided({ gained: 1024 ** 2 - 1 }, { barren: 4 })).toEqual({ kind: 'give-up' })
})

test('pauses double up to a minute, and are spread over their upper half', () => {
  const after = (barren: number, random: number) => decided({}, { barren }, { random, tries: 100 })
  expect([0, 1, 2, 3, 4, 50].map((barren) => after(barren, 1))).toEqual(
    [5000, 10_000, 20_000, 40_000, 60_000, 60_000].map((ms) => expect.objectContaining({ after: ms })),
  )
  expect(after(1, 0)).toMatchObject({ after: 5000 })
})

test('who asks to be left alone for a while is, for ten minutes at most', () => {
  expect(decided({ reason: 'fetch-failed', retryAfter: 100 })).toMatchObject({ after: 100_000 })
  expect(decided({ reason: 'fetch-failed', retryAfter: 1 })).toMatchObject({ after: 5000 })
  expect(decided({ reason: 'fetch-failed', retryAfter: 999_999_999 })).toMatchObject({ after: 600_000 })
})
