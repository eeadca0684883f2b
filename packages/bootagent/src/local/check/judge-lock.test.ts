import { expect, test } from 'vitest'
import { judgeLock } from './judge-lock.ts'

const paths = { home: '/home', run: '/run' }

// Otherwise no BootAgent could have the one that is to follow it tested.
test('a BootAgent that runs is told, and is no fault', () => {
  expect(judgeLock({ home: 7, run: 7 }, paths)).toMatchObject({
    verdict: 'warn',
    text: 'BootAgent runs on this home, as process 7',
  })
})

test('nobody there is as it should be', () => {
  expect(judgeLock({ home: undefined, run: undefined }, paths).verdict).toBe('ok')
})

test('a home may be held with another run directory', () => {
  expect(judgeLock({ home: 7, run: undefined }, paths)).toMatchObject({
    verdict: 'warn',
    text: expect.stringContaining('with another run directory'),
  })
})

test.each([undefined, 7])('a run directory that another home has is a fault, whoever holds this home (%s)', (home) => {
  expect(judgeLock({ home, run: 8 }, paths)).toMatchObject({
    verdict: 'FAIL',
    text: 'process 8 holds /run for another home',
  })
})
