import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DEFAULT_POLICY, type Ending, judgeExit, policyFor, type RestartPolicy, verdictOn } from './restart-policy.ts'

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
  lived: fc.double({ min: 0, max: 5000, noNaN: true }),
  at: fc.double({ min: 0, max: 1e7, noNaN: true }),
  spread: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
})

const crash: Ending = { requested: false, code: 1, lived: 0, at: 0, spread: 0 }

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
      expect(judged).toMatchObject({ abnormal: false, verdict: { kind: 'restart', at: ending.at } })
      expect(judged.strikes).toBeLessThanOrEqual(strikes)
    }),
  )
})

test('a later end never means an earlier restart', () => {
  fc.assert(
    fc.property(policies, fc.nat(10), endings, fc.nat(1e6), (policy, strikes, ending, later) => {
      const sooner = verdictOn(policy, strikes, ending)
      const after = verdictOn(policy, strikes, { ...ending, at: ending.at + later })
      expect(after.kind).toBe(sooner.kind)
      if (sooner.kind === 'restart' && after.kind === 'restart') expect(after.at).toBeGreaterThanOrEqual(sooner.at)
    }),
  )
})

// After an end of ours the verdict is asked for again from what is on record: it must not change on the way.
test('the verdict from the record is the verdict that was given', () => {
  fc.assert(
    fc.property(policies, fc.nat(10), endings, (policy, strikes, ending) => {
      const judged = judgeExit(policy, strikes, ending)
      expect(verdictOn(policy, judged.strikes, ending)).toEqual(judged.verdict)
    }),
  )
})

test('an end of which nothing is known is a failure, even where every code would be fine', () => {
  const lenient = { ...DEFAULT_POLICY, exitCodes: Array.from({ length: 256 }, (_, code) => code) }
  const { code: _, ...unknown } = crash
  expect(judgeExit(lenient, 0, unknown)).toMatchObject({ abnormal: true, strikes: 1 })
})

test('a code of exitCodes lets the agent rest and breaks the row of strikes', () => {
  const policy = { ...DEFAULT_POLICY, exitCodes: [0, 7] }
  expect(judgeExit(policy, 2, { ...crash, code: 7 })).toMatchObject({ abnormal: false, strikes: 0, verdict: { kind: 'rest' } })
  expect(judgeExit(policy, 2, { ...crash, code: 8 })).toMatchObject({ abnormal: true, strikes: 3, verdict: { kind: 'restart' } })
})

test('a release changes what it names and nothing else', () => {
  expect(policyFor(DEFAULT_POLICY, { delay: 5, grace: 0 })).toEqual({ ...DEFAULT_POLICY, delay: 5, grace: 0 })
})

test('a check without a pause would be a loop without rest', () => {
  expect(policyFor(DEFAULT_POLICY, { check: 0 }).check).toBeGreaterThan(0)
})
