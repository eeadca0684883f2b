import { expect, test } from 'vitest'
import { AGAIN, createLeaving } from './leaving.ts'

test('who asks first decides how the run ends', async () => {
  const again = createLeaving()
  again.leave(AGAIN)
  again.drain()
  expect([await again.asked, again.draining()]).toEqual([AGAIN, false])

  const drained = createLeaving()
  expect(drained.draining()).toBe(false)
  drained.drain()
  drained.leave(AGAIN)
  expect([await drained.asked, drained.draining()]).toEqual([0, true])
})
