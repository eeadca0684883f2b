import { describe, expect, test } from 'vitest'
import { exampleAgent, exampleExit, exampleJob, exampleMetafile } from '../../../test/scenes/example-metafile.ts'
import { judgeClock, latestTimeIn } from './judge-clock.ts'

const NOW = Date.UTC(2027, 4, 3, 12)
const clocks = { now: NOW, built: '2027-05-01', recorded: NOW / 1000 - 600 }

describe('a wall clock', () => {
  test('after the build and all that is on record is plausible', () => {
    expect(judgeClock(clocks)).toEqual({ verdict: 'ok', text: '2027-05-03 12:00:00 UTC' })
  })

  test('is judged without either where neither is known', () => {
    expect(judgeClock({ now: NOW, built: '', recorded: undefined }).verdict).toBe('ok')
  })

  // It stops nothing: restarts and trials go by the time since boot.
  test.each([
    ['before 2026 in a checkout', { now: Date.UTC(1970, 0, 1), built: '' }, 'before 2026-01-01'],
    ['before the build', { now: Date.UTC(2027, 3, 1) }, 'before 2027-05-01 00:00:00 UTC, when this program was built'],
    ['in another age', { now: Date.UTC(2106, 0, 1) }, 'is not plausible'],
    ['at no time at all', { now: 9e15, recorded: undefined }, 'is not plausible'],
    [
      'before what is on record',
      { recorded: NOW / 1000 + 3600 },
      'before 2027-05-03 13:00:00 UTC, the latest time in the metafile',
    ],
  ])('%s is warned of', (_where, changes, says) => {
    expect(judgeClock({ ...clocks, ...changes })).toMatchObject({ verdict: 'warn', text: expect.stringContaining(says) })
  })

  test('may be set back a little', () => {
    expect(judgeClock({ ...clocks, recorded: NOW / 1000 + 200 }).verdict).toBe('ok')
    expect(judgeClock({ ...clocks, now: Date.UTC(2027, 3, 30, 13), recorded: undefined }).verdict).toBe('ok')
  })
})

test('the latest time of a metafile is found wherever it is', () => {
  expect(latestTimeIn(exampleMetafile())).toBeUndefined()
  const at = (time: number) => ({ agents: { metrics: exampleAgent({ exits: [exampleExit({ time })] }) } })
  expect(latestTimeIn(exampleMetafile(at(5)))).toBe(5)
  expect(latestTimeIn(exampleMetafile({ ...at(5), jobs: { one: exampleJob({ accepted: 6, acknowledged: 9 }) } }))).toBe(9)
  const events = [{ id: 'e', timestamp: 12, category: 'c', message: 'm' }]
  expect(latestTimeIn(exampleMetafile({ ...at(5), events }))).toBe(12)
})
