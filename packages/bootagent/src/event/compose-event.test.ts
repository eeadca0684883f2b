import { CAUSES, HostEvent, isSmallJson } from '@bootagent/protocol'
import fc from 'fast-check'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { exampleExit, exampleMetafile, NEW } from '../../test/scenes/example-metafile.ts'
import { addEvent } from '../state/events.ts'
import type { ExitRecord } from '../state/metafile-schema.ts'
import {
  exitEvent,
  type ExitTold,
  fatalEvent,
  logDroppedEvent,
  operatorEvent,
  rolledBackEvent,
  stuckEvent,
} from './compose-event.ts'

const NOW = 1_700_000_000
const WHO = { name: 'metrics', now: NOW }

function exitTold(exit: Partial<ExitRecord> = {}, more: Partial<ExitTold> = {}): HostEvent {
  return exitEvent({
    ...WHO,
    exit: exampleExit(exit),
    strikes: 1,
    of: 3,
    next: 'it is started again in 3 min',
    tail: [],
    ...more,
  })
}

describe('an abnormal exit', () => {
  test('is told with all that is known of it, and its last words', () => {
    const tail = ['connecting', 'no route to host']
    const event = exitTold({ cause: 'exit-code', lived: 12.34 }, { tail })
    expect(event).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      timestamp: NOW,
      category: 'agent-exit',
      subject: 'metrics',
      message: 'metrics ended with exit code 3 after 12 s; strike 1 of 3: it is started again in 3 min',
      extra: { release: NEW, attempt: '000001-aaaaaaaa', cause: 'exit-code', code: 3, lived: 12.3, tail },
    })
  })

  const OF: readonly [cause: ExitRecord['cause'], exit: Partial<ExitRecord>, category: string, says: string][] = [
    ['exit-code', { code: 3 }, 'agent-exit', 'ended with exit code 3 after 12 s'],
    ['signal', { code: undefined, signal: 'SIGSEGV' }, 'agent-exit', 'was ended by SIGSEGV after 12 s'],
    ['lost', { code: undefined }, 'agent-exit', 'ended, and how cannot be known, after 12 s'],
    ['oom', { signal: 'SIGKILL' }, 'agent-killed', 'was killed by the kernel at its memory limit after 12 s'],
    [
      'over-limit',
      { detail: '21 MB of 20 MB' },
      'agent-killed',
      'was killed for using more than its limits after 12 s (21 MB of 20 MB)',
    ],
    ['not-ready', {}, 'agent-killed', 'was killed because it was not ready in time after 12 s'],
    ['unhealthy', {}, 'agent-killed', 'was killed because it failed its health check after 12 s'],
    ['start-failed', { detail: 'no such program' }, 'agent-start-failed', 'could not be started (no such program)'],
    [undefined, { code: 7 }, 'agent-exit', 'ended with exit code 7 after 12 s'],
  ]

  test.each(OF)('by %s: %j is %s', (cause, exit, category, says) => {
    const event = exitTold({ ...exit, cause })
    expect([event.category, event.message]).toEqual([category, `metrics ${says}; strike 1 of 3: it is started again in 3 min`])
  })

  test('has a row here for every cause', () => {
    expect(new Set(OF.map(([cause]) => cause))).toEqual(new Set([...CAUSES, undefined]))
  })

  test('of one attempt is one event, however often it is told', () => {
    const metafile = addEvent(exitTold())(exampleMetafile())
    expect(addEvent(exitTold({}, { now: NOW + 60 }))(metafile)).toBe(metafile)
  })

  test('of two attempts, or of two agents whose attempts have one number, are two', () => {
    const ids = [exitTold(), exitTold({ attempt: '000002-bbbbbbbb' }), exitTold({}, { name: 'logs' })].map(({ id }) => id)
    expect(new Set(ids).size).toBe(3)
  })

  test('without strikes says nothing of them', () => {
    const { message } = exitEvent({ ...WHO, exit: exampleExit({ cause: 'oom' }), tail: [] })
    expect(message).toBe('metrics was killed by the kernel at its memory limit after 12 s')
  })

  test('keeps the newest lines of a tail that is too long', () => {
    const tail = Array.from({ length: 100 }, (_, n) => `line ${n} ${'x'.repeat(200)}`)
    const kept = exitTold({}, { tail }).extra?.['tail'] as string[]
    expect(kept.length).toBeGreaterThan(10)
    expect(kept).toEqual(tail.slice(-kept.length))
  })

  // To the last byte: a fold adds to what stands there, and one character too many costs the host its whole report.
  test.each(['x', '\\', '长'])('of an agent that wrote lines of %s leaves room for a fold', (letter) => {
    const { extra } = exitTold({}, { tail: Array.from({ length: 3000 }, () => letter) })
    expect((extra?.['tail'] as string[] | undefined)?.length).toBeGreaterThan(400)
    expect(isSmallJson({ ...extra, folded: 1_000_000_000, since: 10_000_000_000 })).toBe(true)
  })

  // An agent writes what it likes, and no event of it may make the server refuse the host's whole report.
  test('can be sent whatever the agent wrote, and folded without losing it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 2000, size: 'max' }), { maxLength: 40, size: 'max' }),
        fc.string({ unit: 'binary', maxLength: 2000, size: 'max' }),
        (tail, detail) => {
          const event = exitTold({ detail }, { tail, next: detail })
          expect(v.is(HostEvent, JSON.parse(JSON.stringify(event)))).toBe(true)
          expect(isSmallJson({ ...event.extra, folded: 1_000_000_000, since: NOW })).toBe(true)
          expect(Buffer.byteLength(JSON.stringify(event))).toBeLessThan(6 * 1024)
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('the other events', () => {
  const job = 'j-1 upgrade metrics'
  test.each<[event: HostEvent, category: string, says: string]>([
    [
      fatalEvent({ ...WHO, attempt: 'a', strikes: 4, reason: 'ended with exit code 3' }),
      'agent-fatal',
      'metrics is given up after 4 failures in a row, the last: ended with exit code 3; nothing starts it until start, reset or another release',
    ],
    [
      stuckEvent({ ...WHO, attempt: 'a', pids: [7], why: 'state D' }),
      'agent-stuck',
      "metrics cannot be ended: process 7 still there after KILL (state D); look at the host's disks and mounts",
    ],
    [
      rolledBackEvent({ ...WHO, job, from: NEW, to: null, why: 'it failed', tail: [] }),
      'agent-rolled-back',
      'metrics is gone again: it failed',
    ],
    [
      logDroppedEvent({ ...WHO, bytes: 4096, why: 'the disk is full', since: NOW - 60 }),
      'agent-log-dropped',
      '4096 bytes of the output of metrics were not kept: the disk is full',
    ],
    [
      operatorEvent({ ...WHO, job, action: 'stop', errcode: 0, message: 'metrics is stopped' }),
      'operator-order',
      'an operator at the host asked to stop metrics: metrics is stopped',
    ],
  ])('are sentences an operator can act on: %#', (event, category, says) => {
    expect(event).toMatchObject({ category, subject: 'metrics', timestamp: NOW, message: says })
    expect(v.is(HostEvent, event)).toBe(true)
  })

  test('are small, even of a fork bomb that cannot be killed', () => {
    const pids = Array.from({ length: 30_000 }, (_, n) => 4_000_000 + n)
    const event = stuckEvent({ ...WHO, attempt: 'a', pids, why: 'x'.repeat(10_000) })
    expect(v.is(HostEvent, event)).toBe(true)
    expect(event.message).toContain('4000004 and 29995 more')
    expect(event.extra?.['processes']).toBe(30_000)
  })
})
