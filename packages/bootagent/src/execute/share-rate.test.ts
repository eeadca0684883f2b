import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { shareRate } from './share-rate.ts'

test.each([
  ['nobody', 100, [], []],
  ['one without a wish', 100, [Infinity], [100]],
  ['two without a wish', 100, [Infinity, Infinity], [50, 50]],
  ['one that wishes for less', 100, [10, Infinity], [10, 90]],
  ['one that wishes for more than there is', 100, [1000, 20], [80, 20]],
  ['all, where there is no bound', Infinity, [10, Infinity], [10, Infinity]],
])('the host’s rate goes to %s', (_, whole, wishes, shares) => {
  expect(shareRate(whole, wishes)).toEqual(shares)
})

test('nobody is given more than its wish, the whole is never exceeded, and nothing is left while a wish is open', () => {
  const wish = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.constant(Infinity))
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1000 }), fc.array(wish, { minLength: 1, maxLength: 6 }), (whole, wishes) => {
      const shares = shareRate(whole, wishes)
      const sum = shares.reduce((total, share) => total + share, 0)
      expect(shares.every((share, index) => share <= (wishes[index] ?? 0))).toBe(true)
      expect(sum).toBeLessThanOrEqual(whole + 1e-6)
      const wished = wishes.reduce((total, each) => total + each, 0)
      expect(sum).toBeCloseTo(Math.min(whole, wished), 6)
    }),
  )
})
