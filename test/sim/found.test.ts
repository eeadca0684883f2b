import { afterAll, expect, test } from 'vitest'
import { FOUND } from './found/histories.ts'
import { openPlayers } from './players.ts'

const players = openPlayers(1, {})

afterAll(() => players.close())

// Histories that once broke an invariant, and say of what.
test.for(FOUND)('$name', { timeout: 120_000 }, async ({ history }) => {
  const { breach, story } = await players.history(history)
  expect(breach, story).toBeUndefined()
})
