import { afterAll, describe, expect, test } from 'vitest'
import type { Deed, History } from './history/deed.ts'
import { openPlayers } from './players.ts'

const DAY = 86_400
const YEAR = 365 * DAY

const players = openPlayers(1, {})

afterAll(() => players.close())

/** One host with an agent that fails every six hours, which is no strike. */
function historyOf(...deeds: readonly Deed[]): History {
  return {
    seed: 3,
    hosts: [0],
    packages: {
      'alpha 1.0': { flaw: 'none', temper: { kind: 'ends', after: 20_000, code: 1 } },
      'alpha 2.0': { flaw: 'none', temper: { kind: 'holds' } },
    },
    deeds: [{ at: 10, kind: 'order', hosts: [0], name: 'alpha', action: 'install', version: '1.0' }, ...deeds],
  }
}

test('a server that is away for 30 days keeps no agent from running, and learns of everything when it is back', {
  timeout: 1_200_000,
}, async () => {
  const away: Deed = { at: 300, kind: 'network', host: 0, lasts: 30 * DAY, fault: 'lost before' }
  const { breach, story } = await players.history(historyOf(away))
  expect(breach, story.slice(-4000)).toBeUndefined()
  // A failure and a start, again and again, in all those days.
  expect(story.split(' runs as ').length).toBeGreaterThan(100)
  expect(story).toContain('30d 00:')
})

test('a disk that stands still for an hour silences nobody: the job is done and its result told once it goes on', {
  timeout: 300_000,
}, async () => {
  const upgrade: Deed = { at: 400, kind: 'order', hosts: [0], name: 'alpha', action: 'upgrade', version: '2.0' }
  const { breach, story } = await players.history(
    historyOf(upgrade, { at: 390, kind: 'disk stands still', host: 0, lasts: 3600 }),
  )
  expect(breach, story).toBeUndefined()
  // A report a minute, and each of them answered.
  expect(story.split(' not-kept ').length).toBeGreaterThan(30)
  expect(story).toMatch(/job-done job=#2 result=\{"id":"#2","errcode":0,/)
})

describe.each([
  ['two years behind', -2 * YEAR],
  ['two years ahead', 2 * YEAR],
  ['an hour behind', -3600],
  ['an hour ahead', 3600],
])('a wall clock that is set %s', (_, by) => {
  test.each([
    ['before an upgrade', 0],
    ['in the middle of its trial', 90],
  ])('%s changes nothing of it', async (_, later) => {
    const upgrade: Deed = { at: 400, kind: 'order', hosts: [0], name: 'alpha', action: 'upgrade', version: '2.0' }
    const { breach, story } = await players.history(historyOf(upgrade, { at: 390 + later, kind: 'clock', host: 0, by }))
    expect(breach, story).toBeUndefined()
    expect(story).toMatch(/job-done job=#2 result=\{"id":"#2","errcode":0,/)
  })
})
