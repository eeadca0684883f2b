import { afterAll, describe, expect, test } from 'vitest'
import type { Players } from './players.ts'
import { openPlayers } from './players.ts'

/** A fault, within how many seeds it must be found, which invariant names it, and how few deeds it takes to show. */
const PLANTED = [
  ['a change is told before it is durable', 3, 'I-d a change is durable', 0],
  ['files are renamed before they are synced', 3, 'I-d a change is durable', 0],
  ['names are never synced', 3, 'I-d a change is durable', 0],
  ['the server answers before it has stored', 3, 'I-d answered is durable', 1],
  ['the release before is forgotten', 10, 'I-f way back', 3],
  ['a start does not wait for the end of what ran', 10, 'I-e one instance', 3],
  ['a repeated job is taken anew', 10, 'I-c never again', 3],
  ['a trial is kept on an old look', 15, 'true result', 4],
  ['bytes are run that nobody has checked', 20, 'I-f whole release', 2],
  ['the result is written before the end of its trial', 40, 'I-g all acknowledged', 12],
] as const

// A simulator that finds nothing has either nothing to find or no eyes. Each fault wraps a port; the product is as it is.
describe('a fault that is planted is found, named and made small', () => {
  test.for(PLANTED)('%s', { timeout: 300_000 }, async ([plant, within, invariant, deeds], { onTestFinished }) => {
    const players = openPlayers(1, { plant })
    onTestFinished(() => players.close())
    const found = await firstFailure(players, { within, invariant })
    const small = await players.smallest(found)
    expect(small.breach.invariant).toBe(invariant)
    expect(small.deeds, small.story).toBeLessThanOrEqual(deeds)
    expect(small.story).toContain(`--plant "${plant}"`)
  })
})

const clean = openPlayers(1, {})

afterAll(() => clean.close())

test('with nothing planted the same seeds hold', { timeout: 300_000 }, async () => {
  expect((await clean.play({ from: 1, count: 10 }, () => undefined)).failures).toEqual([])
})

async function firstFailure(players: Players, { within, invariant }: { within: number; invariant: string }) {
  for (let from = 1; from <= within; from += 3) {
    const { failures } = await players.play({ from, count: Math.min(3, within - from + 1) }, () => undefined)
    const found = failures.find(({ breach }) => breach.invariant === invariant)
    if (found !== undefined) return found
  }
  throw new Error(`not found within ${within} seeds`)
}
