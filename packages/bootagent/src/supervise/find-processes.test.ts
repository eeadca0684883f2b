import { expect, test } from 'vitest'
import { type Clan, kin, type Sighting } from './find-processes.ts'

const SELF = 500
const clan: Clan = { directory: '/run/agents/metrics', known: [], members: () => new Set() }
const tag = '/run/agents/metrics/000001-00000000'

/** A process that is nobody's until the test says more. */
function process(pid: number, rest: Partial<Sighting> = {}): Sighting {
  return { pid, started: pid, state: 'S', parent: 1, session: pid, ...rest }
}

function pids(all: readonly Sighting[], of: Clan = clan): number[] {
  return kin(all, of, SELF)
    .map((each) => each.pid)
    .sort((a, b) => a - b)
}

test('what carries the tag of any attempt is found, sessions of their own or not', () => {
  expect(pids([process(10, { tag }), process(11, { tag: '/run/agents/metrics/000002-11111111' }), process(12)])).toEqual([10, 11])
})

test('an agent whose name begins with the same letters is another agent', () => {
  expect(
    pids([process(10, { tag: '/run/agents/metrics-2/000001-00000000' }), process(11, { tag: '/run/agents/metrics' })]),
  ).toEqual([])
})

// setproctitle writes over the environment that /proc shows.
test('without a tag, children and members of a session of ours are found', () => {
  const all = [
    process(10, { tag }),
    process(11, { session: 10 }),
    process(12, { parent: 11, session: 12 }),
    process(13, { parent: 12, session: 12 }),
  ]
  expect(pids(all)).toEqual([10, 11, 12, 13])
})

test('a session whose leader is gone is ours if one of ours is in it', () => {
  expect(pids([process(11, { tag, session: 10 }), process(12, { session: 10 })])).toEqual([11, 12])
})

// Somebody who looks into a problem may copy an agent's environment into the shell of a login.
test('a session that a living stranger leads is not ours, whoever else is in it', () => {
  expect(pids([process(10), process(11, { tag, session: 10 }), process(12, { session: 10 })])).toEqual([11])
})

test('a process on record is found by its start time and its shim', () => {
  const known = [{ identity: { pid: 11, started: 11 }, shim: 10 }]
  expect(pids([process(11, { session: 10 })], { ...clan, known })).toEqual([11])
  expect(pids([process(11, { session: 10, started: 12 })], { ...clan, known })).toEqual([])
  // A record that was made to name a stranger.
  expect(pids([process(11)], { ...clan, known })).toEqual([])
})

test('the dead are not found', () => {
  expect(pids([process(10, { tag, state: 'Z' })])).toEqual([])
})

test('neither BootAgent itself nor the first process is ever found', () => {
  expect(pids([process(SELF, { tag }), process(1, { tag }), process(600, { parent: SELF, session: SELF })])).toEqual([])
})
