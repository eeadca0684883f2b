import { HostEvent, MAX_REPORT_BYTES } from '@bootagent/protocol'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { exampleMetafile } from '../../test/scenes/example-metafile.ts'
import { addEvent, standsFor } from './events.ts'

const NOW = 1_700_000_000

function event(n: number, more: Partial<HostEvent> = {}): HostEvent {
  return { id: `e-${n}`, timestamp: NOW + n, category: 'agent-exit', subject: 'metrics', message: `the end ${n}`, ...more }
}

/** What is kept of events that came in this order. */
function kept(events: readonly HostEvent[]): HostEvent[] {
  return events.reduce((sofar, each) => addEvent(each)(sofar), exampleMetafile()).events
}

function numbered(count: number, more: (n: number) => Partial<HostEvent> = () => ({})): HostEvent[] {
  return Array.from({ length: count }, (_, n) => event(n, more(n)))
}

test('a hundred events are kept as they came', () => {
  const events = numbered(100)
  expect(kept(events)).toEqual(events)
})

test('one more, and the two oldest of a kind become one that says how many it stands for, and since when', () => {
  const events = numbered(101, (n) => ({ extra: { code: n } }))
  const [folded, ...others] = kept(events)
  expect(folded).toEqual({ ...events[1], id: 'e-1~2', extra: { code: 1, folded: 2, since: NOW } })
  expect(others).toEqual(events.slice(2))
})

// The server may have been sent the fold before, and takes an id once.
test('a fold that takes another one in has another id', () => {
  const [folded] = kept(numbered(150))
  expect(folded).toMatchObject({ id: 'e-50~51', message: 'the end 50', extra: { folded: 51, since: NOW } })
})

test('the kind with the most events is folded, and the one that happened twice keeps its details', () => {
  const rare = [event(1000, { subject: 'logs' }), event(1001, { subject: 'logs' })]
  const events = kept([...rare, ...numbered(300)])
  expect(events.filter(({ subject }) => subject === 'logs')).toEqual(rare)
  expect(events).toHaveLength(100)
})

test('where no two are alike the oldest are dropped, and one event says how many', () => {
  const events = numbered(130, (n) => ({ subject: `agent-${n}` }))
  const [tally, ...others] = kept(events)
  expect(tally).toMatchObject({ category: 'events-dropped', extra: { folded: 31, since: NOW } })
  expect(tally?.message).toContain('31 events')
  expect(others).toEqual(events.slice(31))
})

test('an event that is there already changes nothing', () => {
  const once = addEvent(event(1))(exampleMetafile())
  expect(addEvent(event(1, { message: 'another' }))(once)).toBe(once)
})

// The server refuses a whole report for one event that is too large, and with it all results.
test('a fold whose details have no room left beside the count keeps the count', () => {
  const events = numbered(101, () => ({ extra: { tail: 'x'.repeat(4080) } }))
  const metafile = { ...exampleMetafile(), events: [] as HostEvent[] }
  const [folded] = [...events.slice(0, 60), event(60)].reduce((sofar, each) => addEvent(each)(sofar), metafile).events
  expect(v.is(HostEvent, folded)).toBe(true)
  const all = kept(events)
  expect(all.every((each) => v.is(HostEvent, each))).toBe(true)
  expect(all[0]?.extra).toEqual({ folded: 101 - all.length + 1, since: NOW })
})

test('a metafile with more than the bound, as an older version wrote it, comes under it', () => {
  const metafile = exampleMetafile({ events: numbered(200) })
  const { events } = addEvent(event(200))(metafile)
  expect([events.length, counted(events)]).toEqual([100, 201])
})

describe('whatever happens', () => {
  const history = fc.array(
    fc.record({
      category: fc.constantFrom('agent-exit', 'agent-killed', 'operator-order'),
      subject: fc.option(fc.constantFrom('metrics', 'logs', 'proxy'), { nil: undefined }),
      size: fc.constantFrom(0, 100, 4000, 4060),
      letter: fc.constantFrom('x', '长', '\u0000'),
    }),
    { minLength: 1, maxLength: 300, size: 'max' },
  )

  function told(moves: readonly { category: string; subject: string | undefined; size: number; letter: string }[]): HostEvent[] {
    return moves.map(({ category, subject, size, letter }, n) => ({
      id: `e-${n}`,
      timestamp: NOW + n,
      category,
      ...(subject === undefined ? {} : { subject }),
      message: 'it happened',
      // As JSON a zero takes six characters.
      extra: { tail: letter.repeat(letter === '\u0000' ? Math.floor(size / 6) : size) },
    }))
  }

  test('the bound holds, nothing vanishes uncounted, the newest is kept, and kept once', () => {
    fc.assert(
      fc.property(history, (moves) => {
        const events = told(moves)
        const metafile = events.reduce((sofar, each) => addEvent(each)(sofar), exampleMetafile())
        const left = metafile.events
        const newest = events.at(-1)
        expect(left.length).toBeLessThanOrEqual(100)
        expect(bytesOf(left)).toBeLessThanOrEqual(256 * 1024)
        expect(counted(left)).toBe(events.length)
        expect(left.at(-1)).toEqual(newest)
        if (newest !== undefined) expect(addEvent(newest)(metafile)).toBe(metafile)
        expect(new Set(left.map(({ id }) => id)).size).toBe(left.length)
        // Each can be sent, and is no larger than a report has room for.
        expect(left.every((each) => v.is(HostEvent, each) && bytesOf(each) < MAX_REPORT_BYTES / 4)).toBe(true)
      }),
      runs(10),
    )
  })

  // What a report carried is acknowledged by id: an event that was folded meanwhile is told again under another.
  test('an id that was told is never given to anything else', () => {
    fc.assert(
      fc.property(history, (moves) => {
        const seen = new Map<string, string>()
        let metafile = exampleMetafile()
        for (const each of told(moves)) {
          metafile = addEvent(each)(metafile)
          for (const { id, ...rest } of metafile.events) {
            const text = JSON.stringify(rest)
            expect(seen.get(id) ?? text).toBe(text)
            seen.set(id, text)
          }
        }
      }),
      runs(3),
    )
  })
})

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** A history of hundreds of events takes minutes to shrink, and its first failure says enough. */
function runs(numRuns: number) {
  return { numRuns, endOnFailure: true }
}

function counted(events: readonly HostEvent[]): number {
  return events.reduce((sum, each) => sum + standsFor(each), 0)
}
