import { expect, test } from 'vitest'
import { AGAIN, createLeaving } from './leaving.ts'

test('who asks first decides how the run ends', async () => {
  const leaving = createLeaving()
  leaving.leave(AGAIN)
  leaving.leave(0)
  expect(await leaving.asked).toBe(AGAIN)
})
