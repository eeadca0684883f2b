import { CAUSES, type Cause } from '@bootagent/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  DEFAULT_POLICY,
  describeEnding,
  type Ending,
  judgeExit,
  policyFor,
  type RestartPolicy,
  verdictOn,
} from './restart-policy.ts'

const policies: fc.Arbitrary<RestartPolicy> = fc.record({
  delay: fc.double({ min: 0, max: 1000, noNaN: true }),
  window: fc.double({ min: 1, max: 2000, noNaN: true }),
  strikes: fc.nat(5),
  check: fc.constant(60),
  grace: fc.constant(60),
  exitCodes: fc.uniqueArray(fc.nat(255), { maxLength: 3 }),
})

const endings: fc.Arbitrary<Ending> = fc.record({
  requested: fc.boolean(),
  code: fc.option(fc.nat(255), { nil: undefined }),
  signal: fc.constant(undefined),
  cause: fc.constantFrom(undefined, ...CAUSES),
  forced: fc.boolean(),
  lived: fc.double({ min: 0, max: 5000, noNaN: true }),
  at: fc.double({ min: 0, max: 1e7, noNaN: true }),
  spread: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
})

const crash: Ending = { requested: false, code: 1, cause: 'exit-code', lived: 0, at: 0, spread: 0 }

// Seed 001: checked every 60 s, no restart within 3 min, one event for an end within 15 min, broken after more than 3 in a row.
test('the story of the seed: a program that ends at once is given up at its fourth end, after 0, 3, 6 and 9 minutes', () => {
  const story: unknown[] = []
  for (let strikes = 0, at = 0; ; ) {
    const { verdict, strikes: after } = judgeExit(DEFAULT_POLICY, strikes, { ...crash, at })
    story.push([at / 60, after, verdict.kind])
    if (verdict.kind !== 'restart') break
    strikes = after
    at = verdict.at
  }
  expect(story).toEqual([
    [0, 1, 'restart'],
    [3, 2, 'restart'],
    [6, 3, 'restart'],
    [9, 4, 'fatal'],
  ])
})

test('after a failure nothing is started before the delay, nor later than a tenth beyond it', () => {
  fc.assert(
    fc.property(policies, fc.nat(10), endings, (policy, strikes, ending) => {
      const { abnormal, verdict } = judgeExit(policy, strikes, ending)
      if (!abnormal || verdict.kind !== 'restart') return
      expect(verdict.at).toBeGreaterThanOrEqual(ending.at + policy.delay)
      expect(verdict.at).toBeLessThanOrEqual(ending.at + policy.delay * 1.1 + 1e-6)
    }),
  )
})

test('there are never more strikes in a row than the policy allows without the agent being given up', () => {
  fc.assert(
    fc.property(policies, fc.array(endings, { maxLength: 30 }), (policy, life) => {
      let strikes = 0
      for (const ending of life) {
        const judged = judgeExit(policy, strikes, ending)
        strikes = judged.strikes
        if (judged.abnormal) expect(judged.verdict.kind === 'fatal').toBe(strikes > policy.strikes)
        if (judged.verdict.kind === 'fatal') return
      }
    }),
  )
})

test('a life longer than the window clears the strikes, however it ends', () => {
  fc.assert(
    fc.property(policies, fc.nat(10), endings, (policy, strikes, ending) => {
      expect(judgeExit(policy, strikes, { ...ending, lived: policy.window }).strikes).toBe(0)
    }),
  )
})

test('an end that was asked for is no failure and no strike, and puts no restart off', () => {
  fc.assert(
    fc.property(policies, fc.nat(10), endings, (policy, strikes, ending) => {
      const judged = judgeExit(policy, strikes, { ...ending, requested: true })
      expect(judged.abnormal).toBe(false)
      expect(judged.verdict).toMatchObject({ kind: 'restart', at: ending.at })
      expect(judged.strikes).toBeLessThanOrEqual(strikes)
    }),
  )
})

test('a later end never means an earlier restart', () => {
  fc.assert(
    fc.property(policies, fc.nat(10), endings, fc.nat(1e6), (policy, strikes, ending, later) => {
      const sooner = judgeExit(policy, strikes, ending).verdict
      const after = judgeExit(policy, strikes, { ...ending, at: ending.at + later }).verdict
      expect(after.kind).toBe(sooner.kind)
      if (sooner.kind === 'restart' && after.kind === 'restart') expect(after.at).toBeGreaterThanOrEqual(sooner.at)
    }),
  )
})

// After an end of ours the verdict is asked for again from what is on record: it must not change on the way.
test('the verdict from the record is the verdict that was given', () => {
  fc.assert(
    fc.property(policies, fc.nat(10), endings, (policy, strikes, ending) => {
      const { abnormal, strikes: after, verdict } = judgeExit(policy, strikes, ending)
      expect(verdictOn(policy, after, { ...ending, abnormal })).toEqual(verdict)
    }),
  )
})

test('what an exit was when it happened does not change with the settings that come after it', () => {
  const lenient = { ...DEFAULT_POLICY, exitCodes: [1] }
  expect(verdictOn(lenient, 1, { ...crash, abnormal: true })).toMatchObject({ kind: 'restart', at: 180 })
})

// The mark of who asked lies in /run, which somebody may empty.
test('no failure on record, and no listed code, was asked for even where nothing else says so', () => {
  expect(verdictOn(DEFAULT_POLICY, 0, { ...crash, cause: undefined, abnormal: false })).toMatchObject({ kind: 'restart', at: 0 })
})

test('an end of which nothing is known is a failure, even where every code would be fine', () => {
  const lenient = { ...DEFAULT_POLICY, exitCodes: Array.from({ length: 256 }, (_, code) => code) }
  expect(judgeExit(lenient, 0, { ...crash, code: undefined, cause: 'lost' })).toMatchObject({ abnormal: true, strikes: 1 })
})

test('a code of exitCodes lets the agent rest and breaks the row of strikes', () => {
  const policy = { ...DEFAULT_POLICY, exitCodes: [0, 7] }
  expect(judgeExit(policy, 2, { ...crash, code: 7 })).toMatchObject({ abnormal: false, strikes: 0, verdict: { kind: 'rest' } })
  expect(judgeExit(policy, 2, { ...crash, code: 8 })).toMatchObject({ abnormal: true, strikes: 3, verdict: { kind: 'restart' } })
})

test.each<[string, Partial<Ending>, boolean]>([
  ['it obeys our TERM with exit 0 after it was unhealthy', { code: 0, cause: 'unhealthy', forced: true }, true],
  ['it obeys our TERM with exit 0 after it was not ready', { code: 0, cause: 'not-ready', forced: true }, true],
  ['it obeys our TERM with exit 0 after it was over a limit', { code: 0, cause: 'over-limit', forced: true }, true],
  ['we end what the kernel had left of it', { code: 0, cause: 'oom', forced: true }, true],
  ['the shell says that it could not become its program', { code: 127, cause: 'start-failed' }, true],
  ['its program says the same', { code: 127, cause: 'exit-code' }, false],
  ['it lost a child to the kernel, and calls it a success', { code: 0, cause: 'oom' }, false],
])('with every code listed, that %s is a failure only if the code was not its own choice', (_what, change, abnormal) => {
  const lenient = { ...DEFAULT_POLICY, exitCodes: [0, 127] }
  expect(judgeExit(lenient, 0, { ...crash, ...change })).toMatchObject({ abnormal, strikes: abnormal ? 1 : 0 })
})

test('operators read how it ended and which strike that is', () => {
  const reason = (strikes: number, lived: number) => judgeExit(DEFAULT_POLICY, strikes, { ...crash, lived }).verdict.reason
  expect(reason(0, 0)).toBe('ended with exit code 1; strike 1 of 3')
  expect(reason(3, 0)).toBe('4 failures in a row, the last: ended with exit code 1')
  expect(reason(3, 900)).toBe('ended with exit code 1; no strike')
})

test.each<[Partial<Ending> & { cause?: Cause }, string]>([
  [{ code: 3, cause: 'exit-code' }, 'ended with exit code 3'],
  [{ signal: 'SIGSEGV', cause: 'signal' }, 'ended by SIGSEGV'],
  [{ signal: 'SIGKILL', cause: 'oom' }, 'killed by the kernel at its memory limit'],
  [{ cause: 'oom' }, 'killed by the kernel at its memory limit'],
  [{ code: 1, cause: 'oom' }, 'ended with exit code 1, after the kernel had killed a process of it at its memory limit'],
  [
    { signal: 'SIGKILL', cause: 'over-limit', detail: 'memory 31 MB of 20 MB, 5 checks in a row' },
    'killed for being over its limits: memory 31 MB of 20 MB, 5 checks in a row',
  ],
  [{ code: 0, cause: 'not-ready', detail: 'not ready 60 s after its start: no file' }, 'not ready 60 s after its start: no file'],
  [{ code: 0, cause: 'unhealthy', detail: 'answered 503' }, 'unhealthy: answered 503'],
  [{ code: 127, cause: 'start-failed', detail: 'missing' }, 'could not become its program (exit code 127): missing'],
  [{ cause: 'lost' }, 'ended, and how cannot be known'],
  [{ code: 0 }, 'ended with exit code 0'],
])('%j reads: %s', (ending, text) => {
  expect(describeEnding(ending)).toBe(text)
})

test('a release changes what it names and nothing else', () => {
  const all = { delay: 5, window: 6, strikes: 0, check: 7, grace: 0, exitCodes: [0] }
  expect(policyFor(DEFAULT_POLICY, {})).toEqual(DEFAULT_POLICY)
  for (const [field, value] of Object.entries(all)) {
    expect(policyFor(DEFAULT_POLICY, { [field]: value })).toEqual({ ...DEFAULT_POLICY, [field]: value })
  }
})

test('a check without a pause would be a loop without rest', () => {
  expect(policyFor(DEFAULT_POLICY, { check: 0 }).check).toBeGreaterThan(0)
  expect(policyFor({ ...DEFAULT_POLICY, check: 0 }, {}).check).toBeGreaterThan(0)
})
