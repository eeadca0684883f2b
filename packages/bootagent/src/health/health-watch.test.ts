import { createFakeClock } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { createHealthWatch, type HealthSubject } from './health-watch.ts'
import type { CheckResult } from './judge-health.ts'

const FAILED: CheckResult = { ok: false, why: 'its ready file is not there' }

/** A watch whose checks are answered by the test. */
function setStage() {
  const clock = createFakeClock()
  const told: string[] = []
  const asked: { attempt: string; answer: (result: CheckResult) => void; break: (error: Error) => void; signal: AbortSignal }[] =
    []
  let underWay = 0
  const watch = createHealthWatch({
    clock,
    probe: async (_health, subject, signal) => {
      if (underWay++ > 0) told.push('two checks at once')
      const { promise, resolve, reject } = Promise.withResolvers<CheckResult>()
      asked.push({ attempt: subject.directory, answer: resolve, break: reject, signal })
      return promise.finally(() => underWay--)
    },
    ready: (attempt) => told.push(`${attempt} is ready`),
    sick: (attempt, cause, detail) => told.push(`${attempt} is ${cause}: ${detail}`),
    fail: (error) => told.push(`fault: ${(error as Error).message}`),
  })

  return { told, asked, watch, pass, answer: answerNext }

  /** Lets what was begun come to rest, and then time pass. */
  async function pass(ms: number): Promise<void> {
    await clock.advance(0)
    await clock.advance(ms)
  }

  /** Waits until the next check is due, and answers it; everything that follows has happened then. */
  async function answerNext(result: CheckResult): Promise<void> {
    const before = asked.length
    for (let seconds = 0; asked.length === before && seconds < 60; seconds += 0.5) await pass(500)
    asked.at(-1)?.answer(result)
    await pass(0)
  }
}

function subjectOf(attempt: string, also: Partial<HealthSubject> = {}): HealthSubject {
  return {
    attempt,
    directory: attempt,
    startedAt: 1000,
    ready: false,
    health: { kind: 'file' },
    release: '/r',
    environment: { BOOTAGENT_ATTEMPT: attempt },
    data: '/d',
    prefix: [],
    ...also,
  }
}

test('the first success is told, and no other', async () => {
  const { told, watch, answer } = setStage()
  watch.follow(subjectOf('a'))
  for (const result of [FAILED, { ok: true }, { ok: true }, FAILED, { ok: true }] as const) await answer(result)
  expect(told).toEqual(['a is ready'])
})

test('an attempt that was found ready before is not told of again', async () => {
  const { told, watch, answer } = setStage()
  watch.follow(subjectOf('a', { ready: true }))
  for (const result of [{ ok: true }, FAILED, FAILED, FAILED] as const) await answer(result)
  expect(told).toEqual(['a is unhealthy: its ready file is not there; 3 failures in a row'])
})

test('sick is told once, and then it is no longer asked', async () => {
  const { pass, told, asked, watch, answer } = setStage()
  watch.follow(subjectOf('a', { health: { kind: 'file', startup: 2 } }))
  for (const result of [FAILED, FAILED, FAILED]) await answer(result)
  expect(told).toEqual(['a is not-ready: not ready 2 s after its start: its ready file is not there'])
  await pass(3_600_000)
  expect(asked).toHaveLength(3)
})

test('the last check is shown, with the time it ended at', async () => {
  const { watch, answer } = setStage()
  expect(watch.result()).toBeUndefined()
  watch.follow(subjectOf('a', { startedAt: 990, ready: true }))
  expect(watch.result()).toEqual({})
  await answer(FAILED)
  expect(watch.result()).toEqual({ last: { ...FAILED, at: 1020 } })
  await answer({ ok: true })
  expect(watch.result()).toEqual({ last: { ok: true, at: 1050 } })
  watch.follow(subjectOf('b'))
  expect(watch.result()).toEqual({})
})

// Whoever looks at an agent follows it at each look.
test('to follow the attempt that is followed changes nothing', async () => {
  const { pass, asked, told, watch, answer } = setStage()
  for (let times = 0; times < 3; times++) {
    watch.follow(subjectOf('a'))
    await pass(0)
  }
  expect(asked.map(({ signal }) => signal.aborted)).toEqual([false])
  asked[0]?.answer({ ok: true })
  await pass(0)
  watch.follow(subjectOf('a'))
  await answer(FAILED)
  expect([told, asked.length]).toEqual([['a is ready'], 2])
})

test('a check that is under way when another attempt comes is called off, has no effect, and is waited for', async () => {
  const { pass, asked, told, watch, answer } = setStage()
  watch.follow(subjectOf('a'))
  await pass(0)
  watch.follow(subjectOf('b'))
  await pass(10_000)
  expect(asked.map(({ attempt, signal }) => [attempt, signal.aborted])).toEqual([['a', true]])
  asked[0]?.answer({ ok: true })
  await answer({ ok: true })
  expect(asked.map(({ attempt }) => attempt)).toEqual(['a', 'b'])
  expect(told).toEqual(['b is ready'])
})

test.each([
  ['closed', (watch: ReturnType<typeof setStage>['watch']) => watch.close()],
  ['told to follow nothing', (watch: ReturnType<typeof setStage>['watch']) => watch.follow(undefined)],
])('a watch that is %s calls off its check and asks no more', async (_, end) => {
  const { pass, asked, told, watch } = setStage()
  watch.follow(subjectOf('a'))
  await pass(0)
  end(watch)
  expect(asked[0]?.signal.aborted).toBe(true)
  asked[0]?.answer({ ok: true })
  await pass(3_600_000)
  expect([told, asked.length, watch.result()]).toEqual([[], 1, undefined])
})

test('a fault of the probe is told, and keeps no later attempt from being checked', async () => {
  const { pass, asked, told, watch, answer } = setStage()
  watch.follow(subjectOf('a'))
  await pass(0)
  asked[0]?.break(new Error('a bug'))
  await pass(0)
  watch.follow(subjectOf('b'))
  await answer({ ok: true })
  expect(told).toEqual(['fault: a bug', 'b is ready'])
})
