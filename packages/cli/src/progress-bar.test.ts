import fc from 'fast-check'
import { expect, test } from 'vitest'
import { progressBar } from './progress-bar.ts'

test('a half is drawn as a half', () => {
  expect(progressBar(1024, 2048, 49)).toBe('[##########          ]  50 %  1.0 KiB of 2.0 KiB')
})

test('where there is no room for a bar the numbers remain', () => {
  expect(progressBar(1024, 2048, 30)).toBe('50 %  1.0 KiB of 2.0 KiB')
})

// A line that reaches the edge wraps, and the next drawing then leaves half of it behind.
test('it never reaches the edge of the terminal', () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 300 }), (done, total, width) => {
      expect(progressBar(done, total, width).length).toBeLessThan(width)
    }),
  )
})
