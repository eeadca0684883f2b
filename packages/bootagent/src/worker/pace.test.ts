import { expect, test } from 'vitest'
import { paceProgress } from './pace.ts'

/** What goes through of calls at given milliseconds. */
function paced(calls: readonly (readonly [at: number, done: number])[], total?: number): number[] {
  const told: number[] = []
  let now = 0
  const pace = paceProgress(
    (done) => told.push(done),
    () => now,
  )
  for (const [at, done] of calls) {
    now = at
    pace(done, total)
  }
  return told
}

test('a slow stream is told of four times a second', () => {
  const calls = [...Array(100).keys()].map((n) => [n * 10, n] as const)
  expect(paced(calls, 1_000_000)).toEqual([25, 50, 75])
})

test('a fast stream is told of once in 5 %', () => {
  const calls = [...Array(1001).keys()].map((n) => [0, n] as const)
  expect(paced(calls, 1000)).toEqual([...Array(20).keys()].map((n) => (n + 1) * 50))
})

test('without a total only time counts', () => {
  expect(
    paced([
      [0, 10],
      [249, 20],
      [250, 30],
      [251, 40],
    ]),
  ).toEqual([30])
})
