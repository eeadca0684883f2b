import { join } from 'node:path'
import process from 'node:process'
import { runProgram } from '@bootagent/runtime/testing'
import { afterAll, expect, test } from 'vitest'
import { openPlayers } from './players.ts'

const RUN = join(import.meta.dirname, 'run.ts')
const SEEDS = [1, 7, 25, 38, 104]

const players = openPlayers(1, {})

afterAll(() => players.close())

// Without this no failure could be looked at twice, and nothing could be shortened.
test.for(SEEDS)(
  'the history of seed %i happens the same way, to the last letter, in another process and after other histories',
  async (seed) => {
    const alone = await digestOf(seed)
    const again = await digestOf(seed)
    expect(again).toBe(alone)
    await players.play({ from: seed + 1, count: 3 }, () => undefined)
    expect((await players.one(seed)).digest).toBe(alone)
  },
)

test('another seed is another history', async () => {
  const digests = await Promise.all(SEEDS.map(digestOf))
  expect(new Set(digests).size).toBe(SEEDS.length)
})

async function digestOf(seed: number): Promise<string> {
  const { stdout } = await runProgram([process.execPath, RUN, '--seed', String(seed), '--json'])
  return (JSON.parse(stdout) as { digest: string }).digest
}
