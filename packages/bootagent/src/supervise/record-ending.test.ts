import { describe, expect, test } from 'vitest'
import { exampleAgent, exampleMetafile, OLD } from '../../test/scenes/example-metafile.ts'
import type { AgentRecord, Metafile } from '../state/metafile-schema.ts'
import type { Attempt } from './attempt.ts'
import { endingOf } from './exit-record.ts'
import { type EndingFacts, recordEnding, recordStuck } from './record-ending.ts'
import { DEFAULT_POLICY } from './restart-policy.ts'

const attempt: Attempt = {
  id: '000003-80000000',
  directory: '/run/agents/metrics/000003-80000000',
  boot: 'this-boot',
  release: OLD,
  shim: { pid: 10, started: 100_000 },
  main: { pid: 11, started: 100_001 },
  stopping: false,
  ready: true,
  exit: { status: 3, at: 1010.01 },
}

function facts(change: Partial<Attempt> = {}, more: Partial<EndingFacts> = {}): EndingFacts {
  const changed = { ...attempt, ...change }
  const ending = endingOf(changed, { seen: undefined, now: 2000, became: true })
  return { attempt: changed, ending, policy: DEFAULT_POLICY, time: 1_700_000_000, tail: ['its last word'], ...more }
}

function hostWith(agent: Partial<AgentRecord> = {}): Metafile {
  return exampleMetafile({ agents: { metrics: exampleAgent(agent) } })
}

function told({ events }: Metafile): string[] {
  return events.map(({ category, message }) => `${category}: ${message}`)
}

describe('an abnormal exit', () => {
  test('is on record together with its event', () => {
    const after = recordEnding('metrics', facts())(hostWith())
    expect(after.agents['metrics']).toMatchObject({ strikes: 1, exits: [{ attempt: attempt.id, code: 3, cause: 'exit-code' }] })
    expect(told(after)).toEqual(['agent-exit: metrics ended with exit code 3 after 10 s; strike 1 of 3'])
    expect(after.events[0]?.extra).toMatchObject({ attempt: attempt.id, tail: ['its last word'] })
  })

  // We may die between the write and whatever follows it.
  test('told twice is the same as told once', () => {
    const once = recordEnding('metrics', facts())(hostWith())
    expect(recordEnding('metrics', facts())(once)).toBe(once)
  })

  test('that is one too many is told, and after it that the agent is given up', () => {
    const after = recordEnding('metrics', facts())(hostWith({ strikes: 3 }))
    expect(after.agents['metrics']).toMatchObject({ strikes: 4, fatal: true })
    expect(after.events.map(({ category }) => category)).toEqual(['agent-exit', 'agent-fatal'])
    expect(after.events[1]?.message).toContain('given up after 4 failures in a row, the last: ended with exit code 3;')
  })

  test('of an agent that was given up before does not give it up again', () => {
    const after = recordEnding('metrics', facts())(hostWith({ strikes: 4, fatal: true }))
    expect(after.events.map(({ category }) => category)).toEqual(['agent-exit'])
  })

  test.each(['oom', 'over-limit', 'not-ready', 'unhealthy'] as const)(
    'that we forced for %s says so, whatever the process answered',
    (cause) => {
      const forced = { stopping: true, forced: { cause, detail: 'figures' }, exit: { status: 0, at: 1010 } }
      const after = recordEnding('metrics', facts(forced))(hostWith())
      expect(after.agents['metrics']?.exits).toMatchObject([{ cause, detail: 'figures', abnormal: true }])
      expect(after.events).toMatchObject([{ extra: { cause, detail: 'figures' } }])
    },
  )

  test('of another release than the one that is to run is told, and nothing said of strikes', () => {
    const after = recordEnding('metrics', facts({ release: 'another' }))(hostWith({ strikes: 2 }))
    expect(told(after)).toEqual(['agent-exit: metrics ended with exit code 3 after 10 s'])
  })
})

describe('nothing is told', () => {
  test.each<[of: string, ending: EndingFacts]>([
    ['a stop that was asked for', facts({ stopping: true })],
    ['a code that is listed', facts({}, { policy: { ...DEFAULT_POLICY, exitCodes: [3] } })],
  ])('of %s; it is on record', (_of, ending) => {
    const after = recordEnding('metrics', ending)(hostWith())
    expect([after.events, after.agents['metrics']?.exits]).toMatchObject([[], [{ abnormal: false }]])
  })

  test('of an agent that is no longer installed', () => {
    const host = exampleMetafile()
    expect(recordEnding('metrics', facts())(host)).toBe(host)
  })
})

test('an agent whose processes do not die is told once an attempt, however often it is tried', () => {
  const stuck = (id: string, now: number) => recordStuck({ name: 'metrics', attempt: id, pids: [7], why: 'state D', now })
  const once = stuck('a', 1)(hostWith())
  expect(stuck('a', 2)(once)).toBe(once)
  expect(stuck('b', 3)(once).events).toHaveLength(2)
})
