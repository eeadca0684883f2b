import { expect, test } from 'vitest'
import { createRates } from './rates.ts'

test('a download has the whole rate, until another one comes, and again when that is gone', () => {
  const rates = createRates(100)
  const [first, second]: [number[], number[]] = [[], []]
  const leaveFirst = rates.join(undefined, (rate) => first.push(rate))
  const leaveSecond = rates.join(20, (rate) => second.push(rate))
  leaveSecond()
  leaveSecond()
  leaveFirst()
  expect(first).toEqual([100, 80, 100])
  expect(second).toEqual([20])
})

test('without a rate of the host each has its own, or none', () => {
  const told: number[] = []
  const rates = createRates(undefined)
  rates.join(10, (rate) => told.push(rate))
  rates.join(undefined, (rate) => told.push(rate))
  expect(told).toEqual([10, 10, Infinity])
})
