import { join } from 'node:path'
import process from 'node:process'
import { runProgram } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import type { SmallFailure, Tally } from './play-seeds.ts'

const RUN = join(import.meta.dirname, 'run.ts')

// A million would find more: `npm run sim -- --seeds 100000` is for whoever has changed what they are about.
test('in 1,000 histories of a fleet, with crashes, losses, power cuts and wrong clocks, every invariant holds', {
  timeout: 900_000,
}, async () => {
  const { code, stdout, stderr } = await runProgram([process.execPath, RUN, '--seeds', '1000', '--jobs', '2', '--json'])
  expect(stderr.replaceAll(/^\d+ of \d+ histories.*$/gm, '').trim()).toBe('')
  const tally = JSON.parse(stdout) as Tally & { readonly small: readonly SmallFailure[] }
  // The story of a failure is worth more than its numbers.
  expect(tally.small.map(({ story }) => story).join('\n')).toBe('')
  expect(tally).toMatchObject({ played: 1000, failures: [] })
  expect(code).toBe(0)
})

test('a command that cannot be read is refused before anything is played', async () => {
  const { code, stderr } = await runProgram([process.execPath, RUN, '--seed', 'seven'])
  expect(code).toBe(2)
  expect(stderr).toBe('--seed takes whole numbers, not "seven"\n')
})
