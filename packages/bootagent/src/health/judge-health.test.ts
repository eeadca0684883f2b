import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  beginCourse,
  type CheckResult,
  DEFAULT_HEALTH,
  type HealthSettings,
  healthSettings,
  judgeHealth,
} from './judge-health.ts'

const WELL: CheckResult = { ok: true }
const FAILED: CheckResult = { ok: false, why: 'GET http://127.0.0.1:8080/health answered 503' }
const HINDERED: CheckResult = { ok: false, why: 'it could not be asked', hindered: true }

const settings: fc.Arbitrary<HealthSettings> = fc.record({
  startup: fc.double({ min: 0, max: 100, noNaN: true }),
  period: fc.double({ min: 0.1, max: 100, noNaN: true }),
  timeout: fc.double({ min: 0.1, max: 60, noNaN: true }),
  failures: fc.integer({ min: 1, max: 5 }),
})

/** What each check comes to, and how long it takes: a few in a row alike, as in life. */
const life: fc.Arbitrary<Check[]> = fc
  .array(
    fc.tuple(
      fc.constantFrom(WELL, FAILED, FAILED, HINDERED),
      fc.integer({ min: 1, max: 8 }),
      fc.double({ min: 0, max: 60, noNaN: true }),
    ),
    { maxLength: 12 },
  )
  .map((runs) => runs.flatMap(([result, times, took]) => Array.from({ length: times }, () => ({ result, took }))))

/** An attempt that this BootAgent has seen start, or has taken over later. */
const subjects = fc.record({ startedAt: fc.nat(1e6), ready: fc.boolean(), age: fc.double({ min: 0, max: 200, noNaN: true }) })

interface Check {
  readonly result: CheckResult
  readonly took: number
}

/** Lives a life as the watch does: each check when it is due. Ends with the first that makes the agent sick. */
function live(
  checks: readonly Check[],
  { settings, subject }: { settings: HealthSettings; subject: { startedAt: number; ready: boolean; age: number } },
) {
  const begun = subject.startedAt + subject.age
  let course = beginCourse(settings, subject, begun)
  const story = []
  for (const { result, took } of checks) {
    const now = course.due + took
    const judged = judgeHealth(settings, course, { result, now })
    story.push({ result, now, before: course, course: judged.course, verdict: judged.verdict })
    course = judged.course
    if (judged.verdict.kind === 'sick') break
  }
  return { begun, deadline: subject.startedAt + settings.startup, story }
}

/** Failures up to the end of a story since the last success. */
function failuresInARow(results: readonly CheckResult[]): number {
  const since = results.slice(results.findLastIndex((each) => each.ok) + 1)
  return since.filter((each) => !each.ok && each.hindered !== true).length
}

describe('whatever happens to an agent', () => {
  const worlds = fc.record({ settings, subject: subjects })

  test('it is unhealthy only once it was ready, and at exactly so many failures in a row', () => {
    fc.assert(
      fc.property(life, worlds, (checks, world) => {
        const { story } = live(checks, world)
        for (const [at, { before, verdict }] of story.entries()) {
          const row = failuresInARow(story.slice(0, at + 1).map((each) => each.result))
          const unhealthy = verdict.kind === 'sick' && verdict.cause === 'unhealthy'
          expect(unhealthy).toBe(before.ready && row === world.settings.failures)
        }
      }),
    )
  })

  test('it is never sick before its time to start is over unless it was ready', () => {
    fc.assert(
      fc.property(life, worlds, (checks, world) => {
        const { story, deadline } = live(checks, world)
        for (const { before, now, verdict } of story) {
          if (now < deadline && !before.ready) expect(verdict.kind).not.toBe('sick')
          if (verdict.kind === 'sick' && verdict.cause === 'not-ready') expect(now).toBeGreaterThanOrEqual(deadline)
        }
      }),
    )
  })

  test('seen from its start, it is given up at the first failure after that time', () => {
    fc.assert(
      fc.property(life, worlds, (checks, world) => {
        const { story, deadline, begun } = live(checks, world)
        fc.pre(begun < deadline)
        for (const { before, now, result, verdict } of story) {
          if (result === FAILED && now >= deadline && !before.ready) expect(verdict).toMatchObject({ kind: 'sick' })
        }
      }),
    )
  })

  test('it becomes ready once, at its first success, and nothing takes that back', () => {
    fc.assert(
      fc.property(life, worlds, (checks, world) => {
        const { story } = live(checks, world)
        const first = world.subject.ready ? -1 : story.findIndex(({ result }) => result.ok)
        for (const [at, { course, verdict }] of story.entries()) {
          expect(verdict.kind === 'ready').toBe(at === first)
          expect(course.ready).toBe(world.subject.ready || (first !== -1 && at >= first))
        }
      }),
    )
  })

  test('a check that could not be made changes nothing but the time of the next', () => {
    fc.assert(
      fc.property(life, worlds, (checks, world) => {
        for (const { before, course, result, verdict } of live(checks, world).story) {
          if (result !== HINDERED) continue
          expect(verdict).toEqual({ kind: 'none' })
          expect(course).toEqual({ ...before, due: course.due })
        }
      }),
    )
  })

  test('the next check comes later than this one, and within the period', () => {
    fc.assert(
      fc.property(life, worlds, (checks, world) => {
        for (const { course, now } of live(checks, world).story) {
          expect(course.due).toBeGreaterThan(now)
          expect(course.due - now).toBeLessThanOrEqual((course.ready ? world.settings.period : 1) + 1e-6)
        }
      }),
    )
  })
})

test('what is not said is as the protocol says', () => {
  expect(healthSettings({ kind: 'file' })).toEqual({ startup: 60, period: 30, timeout: 5, failures: 3 })
  expect(healthSettings({ kind: 'tcp', port: 1, failures: 1, startup: 0 })).toEqual({
    ...DEFAULT_HEALTH,
    failures: 1,
    startup: 0,
  })
})

test('an agent that never gets ready is asked every second, and given up after a minute', () => {
  let course = beginCourse(DEFAULT_HEALTH, { startedAt: 1000, ready: false }, 1000)
  const asked: number[] = []
  for (;;) {
    asked.push(course.due)
    const judged = judgeHealth(DEFAULT_HEALTH, course, { result: FAILED, now: course.due })
    course = judged.course
    if (judged.verdict.kind === 'none') continue
    expect(judged.verdict).toEqual({
      kind: 'sick',
      cause: 'not-ready',
      detail: 'not ready 60 s after its start: GET http://127.0.0.1:8080/health answered 503',
    })
    break
  }
  expect(asked).toEqual(Array.from({ length: 61 }, (_, second) => 1000 + second))
})

test('an agent that was ready is asked every 30 s, and given up at the third failure in a row', () => {
  const { story } = live(
    [FAILED, FAILED, WELL, FAILED, FAILED, FAILED].map((result) => ({ result, took: 1 })),
    { settings: DEFAULT_HEALTH, subject: { startedAt: 0, ready: true, age: 30 } },
  )
  expect(story.map(({ now, verdict }) => [now, verdict.kind])).toEqual([
    [61, 'none'],
    [92, 'none'],
    [123, 'none'],
    [154, 'none'],
    [185, 'none'],
    [216, 'sick'],
  ])
  expect(story.at(-1)?.verdict).toEqual({
    kind: 'sick',
    cause: 'unhealthy',
    detail: 'GET http://127.0.0.1:8080/health answered 503; 3 failures in a row',
  })
})

// It may have become ready, and unwatched, while no BootAgent was there.
test('one bad moment just after it was taken over does not end an agent whose time to start was over long before', () => {
  const world = { settings: DEFAULT_HEALTH, subject: { startedAt: 0, ready: false, age: 5000 } }
  const failing = live(
    Array.from({ length: 9 }, () => ({ result: FAILED, took: 0 })),
    world,
  ).story
  expect(failing.map(({ now, verdict }) => [now, verdict.kind])).toEqual([
    [5000, 'none'],
    [5001, 'none'],
    [5002, 'sick'],
  ])
})

test('agents that are taken over together are checked as they were started, one after the other', () => {
  const due = [0, 7, 29.5].map((startedAt) => beginCourse(DEFAULT_HEALTH, { startedAt, ready: true }, 100).due)
  expect(due).toEqual([120, 127, 119.5])
})
