import { expect, test } from 'vitest'
import { type AgentRecord, type ExitRecord, NEW_AGENT } from '../state/metafile-schema.ts'
import { DEFAULT_POLICY } from './restart-policy.ts'
import { type WishFacts, wishOf } from './wish.ts'

const exit: ExitRecord = {
  release: '1-aaaaaaaa',
  attempt: '000001-00000000',
  code: 1,
  lived: 1,
  at: 1000,
  bootid: 'this-boot',
  time: 0,
  abnormal: true,
}
const crashed: AgentRecord = { ...NEW_AGENT, release: '1-aaaaaaaa', strikes: 1, exits: [exit] }
const facts: WishFacts = {
  record: crashed,
  held: false,
  obstacle: undefined,
  policy: DEFAULT_POLICY,
  last: { requested: false, spread: 0.5 },
  bootid: 'this-boot',
  now: 1001,
}

test('after a failure it waits for the delay and its share of the jitter, and then runs', () => {
  expect(wishOf(facts)).toMatchObject({
    wish: 'wait',
    until: 1189,
    reason: expect.stringContaining('exit code 1; strike 1 of 3'),
  })
  expect(wishOf({ ...facts, now: 1189 })).toMatchObject({ wish: 'run' })
})

test('an exit of another boot puts nothing off: its time is of another clock', () => {
  expect(wishOf({ ...facts, bootid: 'next-boot' })).toMatchObject({ wish: 'run' })
})

test('an exit of another release puts nothing off', () => {
  expect(wishOf({ ...facts, record: { ...crashed, release: '2-bbbbbbbb' } })).toMatchObject({ wish: 'run' })
})

test('given up stays given up, over a reboot as well', () => {
  const record = { ...crashed, strikes: 4, fatal: true }
  expect(wishOf({ ...facts, record, bootid: 'next-boot', now: 9e6 })).toMatchObject({
    wish: 'fatal',
    reason: '4 failures in a row, the last: ended with exit code 1',
  })
})

test('an end that was asked for is followed by a start as soon as it is wanted', () => {
  const record = { ...crashed, exits: [{ ...exit, code: 0, abnormal: false }] }
  const policy = { ...DEFAULT_POLICY, exitCodes: [0] }
  expect(wishOf({ ...facts, policy, record, last: { requested: true, spread: 0 } })).toMatchObject({ wish: 'run' })
  expect(wishOf({ ...facts, policy, record })).toMatchObject({ wish: 'rest' })
})

// Its attempt, where the request was marked, is gone with /run; the record alone must do.
test('an end on record as no failure is not taken for one when nobody remembers the request', () => {
  const record = { ...crashed, strikes: 0, exits: [{ ...exit, abnormal: false }] }
  expect(wishOf({ ...facts, record, last: { requested: false, spread: 0.5 } })).toMatchObject({ wish: 'run' })
})

test('what the host could not start is no strike: it is not tried again before its time, and then again and again', () => {
  const obstacle = { until: 2000, why: 'no more processes' }
  expect(wishOf({ ...facts, obstacle, now: 1500 })).toEqual({ wish: 'wait', until: 2000, reason: 'no more processes' })
  expect(wishOf({ ...facts, obstacle, now: 2000 })).toMatchObject({ wish: 'run' })
  const onEdge = { ...crashed, strikes: DEFAULT_POLICY.strikes }
  expect(wishOf({ ...facts, record: onEdge, obstacle, now: 1500 })).toMatchObject({ wish: 'wait', until: 2000 })
})

test.each<[string, Partial<WishFacts>]>([
  ['it is not installed', { record: undefined }],
  ['it is held', { held: true }],
  ['the metafile wants it stopped', { record: { ...crashed, wanted: 'stopped' } }],
  ['no release is installed', { record: { ...crashed, release: null } }],
])('it is to be down when %s', (_why, change) => {
  expect(wishOf({ ...facts, ...change, now: 9e6 })).toMatchObject({ wish: 'down' })
})
