import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LogSettings, type LogSizes, nextLook, planRotation, REST_MS } from './rotation.ts'

const SETTINGS: LogSettings = { total: 5000, files: 5 }

function sizes(live: number, ...old: number[]): LogSizes {
  return { live, old: new Map(old.map((size, at) => [at + 1, size])) }
}

describe('what is to be done', () => {
  test.each([
    ['no log at all', sizes(0), { kind: 'nothing' }],
    ['one that is not full', sizes(874, 1000, 1000, 1000, 1000), { kind: 'nothing' }],
    ['the first that is full', sizes(875), { kind: 'rotate', drop: [], shift: [], from: 0, most: 875, spare: 125 }],
    ['one with older ones', sizes(900, 900, 900), { kind: 'rotate', drop: [], shift: [2, 1], from: 0, most: 900, spare: 125 }],
    [
      'one with as many as there may be: the oldest makes room',
      sizes(900, 900, 900, 900, 900),
      { kind: 'rotate', drop: [4], shift: [3, 2, 1], from: 0, most: 900, spare: 125 },
    ],
    [
      'one that grew fast: more of the oldest make room',
      sizes(2400, 900, 900, 900, 900),
      { kind: 'rotate', drop: [4, 3, 2], shift: [1], from: 0, most: 2400, spare: 125 },
    ],
    [
      'one that grew very fast: the newest half is kept',
      sizes(4000, 1000),
      { kind: 'rotate', drop: [], shift: [1], from: 1500, most: 2500, spare: 125 },
    ],
    ['a flood', sizes(5001, 900), { kind: 'cut', drop: [], shift: [1], from: 4001, most: 1000, spare: 125 }],
    ['more files than there may be now', sizes(1, 900, 1, 1, 1, 1), { kind: 'drop', drop: [5] }],
    ['larger files than there may be now', sizes(1, 900, 9000), { kind: 'drop', drop: [2] }],
  ])('%s', (_, seen, rotation) => {
    expect(planRotation(seen, SETTINGS)).toEqual(rotation)
  })

  // A crash while shifting leaves one; moving what is above it would only push the oldest out.
  test('a gap is where shifting ends', () => {
    const old = new Map([
      [1, 900],
      [3, 900],
    ])
    expect(planRotation({ live: 900, old }, SETTINGS)).toMatchObject({ drop: [], shift: [1] })
    expect(planRotation({ live: 900, old: new Map([[2, 900]]) }, SETTINGS)).toMatchObject({ drop: [], shift: [] })
  })
})

// The bound holds at every moment: while a copy is made, its source is there as well.
test('whatever grows between two looks, all files together hold no more than the total and that growth', () => {
  const total = fc.integer({ min: 100, max: 100_000 })
  const files = fc.integer({ min: 2, max: 50 })
  const growths = fc.array(fc.nat({ max: 300_000 }), { maxLength: 60 })
  fc.assert(
    fc.property(total, files, growths, (total, files, growths) => {
      const settings = { total, files }
      let log = sizes(0)
      for (const growth of growths) {
        log = { old: log.old, live: log.live + growth }
        const { during, after } = carryOut(log, settings)
        expect(Math.max(during, sum(log))).toBeLessThanOrEqual(total + growth)
        expect(after.old.size).toBeLessThan(files)
        expect(sum(after)).toBeLessThanOrEqual(total)
        log = after
      }
    }),
  )
})

test('from anything that may lie there, one rotation leads back within the bound', () => {
  const numbers = fc.uniqueArray(fc.tuple(fc.integer({ min: 1, max: 99 }), fc.nat({ max: 50_000 })), { selector: ([n]) => n })
  fc.assert(
    fc.property(fc.nat({ max: 50_000 }), numbers, (live, old) => {
      const { after } = carryOut({ live, old: new Map(old) }, SETTINGS)
      expect(sum(after)).toBeLessThanOrEqual(SETTINGS.total)
      expect(after.old.size).toBeLessThan(SETTINGS.files)
    }),
  )
})

describe('the next look', () => {
  test.each([
    ['at a log that does not grow', { room: 1000, grown: 0, elapsedMs: 10_000 }, REST_MS],
    ['at one seen for the first time', { room: 1000, grown: 100, elapsedMs: 0 }, REST_MS],
    ['at one that will be full in 4 s', { room: 400, grown: 100, elapsedMs: 1000 }, 2000],
    ['at one that will not be full for days', { room: 1e9, grown: 1, elapsedMs: 1000 }, REST_MS],
    ['at a flood', { room: 1, grown: 1e9, elapsedMs: 100 }, 100],
    ['at one that is more than full', { room: -5, grown: 1, elapsedMs: 100 }, 100],
  ])('%s', (_, growth, wait) => {
    expect(nextLook(growth)).toBe(wait)
  })
})

/** Bytes there are in the worst moment, and what is left. */
function carryOut(log: LogSizes, settings: LogSettings): { during: number; after: LogSizes } {
  const rotation = planRotation(log, settings)
  if (rotation.kind === 'nothing') return { during: sum(log), after: log }
  const old = new Map([...log.old].filter(([number]) => !rotation.drop.includes(number)))
  if (rotation.kind === 'drop') return { during: sum(log), after: { ...log, old } }
  const copied = log.live - rotation.from
  expect(copied).toBe(rotation.most)
  const during = sum({ live: log.live, old }) + copied
  for (const number of rotation.shift) {
    expect(old.has(number + 1)).toBe(false)
    old.set(number + 1, old.get(number) ?? 0)
    old.delete(number)
  }
  expect(old.has(1)).toBe(false)
  return { during, after: { live: 0, old: old.set(1, copied) } }
}

function sum({ live, old }: LogSizes): number {
  return [...old.values()].reduce((total, size) => total + size, live)
}
