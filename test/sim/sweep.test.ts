import { afterAll, describe, expect, test } from 'vitest'
import type { Deed, History } from './history/deed.ts'
import { openPlayers } from './players.ts'

/** Seconds at which the upgrade is asked for, and has been installed long before. */
const UPGRADE = 400

const players = openPlayers(1, {})

afterAll(() => players.close())

/** One host that is upgraded, and one thing that goes wrong with it. */
function upgradeWith(fault: Deed): History {
  return {
    seed: 1,
    hosts: [0],
    packages: {
      'alpha 1.0': { flaw: 'none', temper: { kind: 'holds' } },
      'alpha 2.0': { flaw: 'none', temper: { kind: 'holds' } },
    },
    deeds: [
      { at: 10, kind: 'order', hosts: [0], name: 'alpha', action: 'install', version: '1.0' },
      { at: UPGRADE, kind: 'order', hosts: [0], name: 'alpha', action: 'upgrade', version: '2.0' },
      fault,
    ],
  }
}

const MARKS = { kill: 'BootAgent is killed', 'power cut': 'the power is cut' } as const

// Not by chance, but one after another, until the upgrade is over before its turn comes.
describe.each(['kill', 'power cut'] as const)('a %s before each change of the disk', (kind) => {
  test('during an upgrade ends with the new release running and one true result', { timeout: 600_000 }, async () => {
    let after = 1
    for (; ; after++) {
      const { breach, story } = await players.history(upgradeWith({ at: UPGRADE, kind, host: 0, after, away: 5 }))
      if (!story.includes(MARKS[kind])) break
      expect(breach, story).toBeUndefined()
      // Killed after the result was on the disk, it is told by the next BootAgent; that there is one, and the same, is an invariant.
      expect(story).not.toMatch(/result=\{"id":"#2","errcode":[1-9]/)
      expect(story).toContain('alpha 2.0-')
    }
    expect(after).toBeGreaterThan(60)
  })
})

describe.each(['make', 'write', 'sync', 'name'] as const)('a failure of each "%s" of the disk', (operation) => {
  test('during an upgrade ends with the old release running or the new one, and one true result', {
    timeout: 600_000,
  }, async () => {
    let told = 0
    for (let after = 1; after <= 32; after++) {
      const { breach, story } = await players.history(upgradeWith({ at: UPGRADE, kind: 'disk fails', host: 0, operation, after }))
      expect(breach, story).toBeUndefined()
      // Some are nobody's business: what a failed link is for is then done another way.
      if (story.includes('EIO')) told += 1
    }
    expect(told).toBeGreaterThan(6)
  })
})
