import { expect, test } from 'vitest'
import { ACTS, type Sight, STATES, type Wish } from './agent-state.ts'

const WISHES = Object.keys(ACTS) as Wish[]
const SIGHTS = Object.keys(ACTS.run) as Sight[]

test('only what is wanted now is started, and only where no process of the agent is left', () => {
  const starts = WISHES.flatMap((wish) => SIGHTS.filter((sight) => ACTS[wish][sight] === 'start').map((sight) => [wish, sight]))
  expect(starts).toEqual([['run', 'none']])
})

test.each(WISHES)('an exit is put on record whatever is wanted: %s', (wish) => {
  expect(ACTS[wish].ended).toBe('record')
})

test.each(WISHES)('what is left over, and a stop that was begun, is brought to its end whatever is wanted: %s', (wish) => {
  expect([ACTS[wish].remains, ACTS[wish].ending]).toEqual(['end', 'end'])
})

// A policy that waits or has given up is about starting; a process that lives has already been started.
test.each(WISHES.filter((wish) => wish !== 'down'))('a living process is left alone: %s', (wish) => {
  expect([ACTS[wish].alive, STATES[wish].alive]).toEqual(['leave', 'running'])
})

test('nothing of an agent that is to be down is left alone', () => {
  expect(SIGHTS.filter((sight) => ACTS.down[sight] === 'leave')).toEqual(['none'])
})

test('with nothing there, each wish but that to run shows as a state of rest', () => {
  expect(WISHES.map((wish) => STATES[wish].none)).toEqual(['starting', 'waiting', 'stopped', 'fatal', 'stopped'])
})
