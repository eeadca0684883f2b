import { expect, test } from 'vitest'
import { throttle } from './throttle.ts'

/** Runs bytes through a throttle on a clock that only sleeping moves. */
async function throttled(pieces: readonly number[], rate: (now: number) => number): Promise<{ took: number; bytes: number }> {
  let now = 1000
  const clock = {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms
    },
  }
  async function* source(): AsyncGenerator<Buffer> {
    for (const length of pieces) yield Buffer.alloc(length)
  }
  let bytes = 0
  for await (const piece of throttle(source(), () => rate(now), clock)) bytes += piece.length
  return { took: now - 1000, bytes }
}

test('bytes take as long as the rate says, in pieces of any size', async () => {
  expect(await throttled([100_000], () => 10_000)).toEqual({ took: expect.closeTo(10_000, 0), bytes: 100_000 })
  const many = await throttled(Array(1000).fill(100), () => 10_000)
  expect(many.bytes).toBe(100_000)
  expect(many.took).toBeCloseTo(10_000, -2)
})

test('without a limit nothing waits, and no piece is cut', async () => {
  expect(await throttled([1_000_000, 1], () => Infinity)).toEqual({ took: 0, bytes: 1_000_001 })
})

test('a new rate holds from the next piece on', async () => {
  const { took } = await throttled([100_000], (now) => (now < 6000 ? 10_000 : 50_000))
  expect(took).toBeCloseTo(6000, -3)
})
