import { createFakeClock } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { type Courses, checkLimits, createLimitsWatch, type WatchedAgent } from './limits-watch.ts'
import type { Usage } from './usage.ts'

const MB = 1024 ** 2
const subject = { name: 'metrics', attempt: '000001-aaaaaaaa', pid: 7 }
const agent: WatchedAgent = { subject, limits: { memoryBytes: 20 * MB }, enforced: new Set() }
const usage: Usage = { cpu: 0, rss: 31 * MB, fds: 3, processes: 1 }

/** A watch over these agents, with what it samples and whom it kills. */
function watchOver(watched: readonly WatchedAgent[], usages: ReadonlyMap<string, Usage> = new Map([['metrics', usage]])) {
  const killed: string[] = []
  let samples = 0
  const parts = {
    clock: createFakeClock(),
    watched: () => watched,
    sampler: {
      async sample() {
        samples += 1
        return usages
      },
    },
    kill: (name: string, attempt: string, detail: string) => killed.push(`${name} ${attempt} ${detail}`),
  }
  return { parts, killed, samples: () => samples }
}

async function check(parts: Parameters<typeof checkLimits>[0], times: number, courses: Courses = new Map()): Promise<Courses> {
  return times === 0 ? courses : await check(parts, times - 1, await checkLimits(parts, courses))
}

test('an agent over its limit is to be killed at the fifth check in a row, with the figures, and once', async () => {
  const { parts, killed } = watchOver([agent])
  const courses = await check(parts, 4)
  expect(killed).toEqual([])
  await check(parts, 6, courses)
  expect(killed).toEqual(['metrics 000001-aaaaaaaa 31 MB of 20 MB, 5 checks in a row'])
})

test('its next attempt begins anew', async () => {
  const { parts, killed } = watchOver([agent])
  const courses = await check(parts, 5)
  const next = watchOver([{ ...agent, subject: { ...subject, attempt: '000002-bbbbbbbb' } }])
  const after = await check(next.parts, 4, courses)
  expect([killed.length, next.killed.length]).toEqual([1, 0])
  await check(next.parts, 1, after)
  expect(next.killed).toHaveLength(1)
})

// A hundred agents at rest must cost nothing.
test.each<[string, readonly WatchedAgent[]]>([
  ['no agent has a limit', [{ ...agent, limits: {} }]],
  ['the kernel holds them to all of theirs', [{ ...agent, enforced: new Set(['memory']) }]],
  ['the limit cannot be seen from outside', [{ ...agent, limits: { openFiles: 100 } }]],
  ['none runs', []],
])('nothing is sampled where %s', async (_why, watched) => {
  const { parts, samples } = watchOver(watched)
  await check(parts, 6)
  expect(samples()).toBe(0)
})

test('what could not be sampled is not taken for good or bad', async () => {
  const seen = watchOver([agent])
  const unseen = watchOver([agent], new Map())
  const courses = await check(unseen.parts, 3, await check(seen.parts, 4))
  await check(seen.parts, 1, courses)
  expect([seen.killed.length, unseen.killed.length]).toEqual([1, 0])
})

test('the service checks once a period, and ends when it is told to', async () => {
  const { parts, samples } = watchOver([agent])
  const watch = createLimitsWatch({ ...parts, period: 10 })
  await watch.start()
  for (const expected of [1, 2]) {
    await parts.clock.sleeping()
    await parts.clock.advance(10_000)
    await parts.clock.sleeping()
    expect(samples()).toBe(expected)
  }
  await watch.stop()
  await watch.ended
})
