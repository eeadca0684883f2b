import { expect, test } from 'vitest'
import { exampleJob } from '../../test/scenes/example-metafile.ts'
import type { JobRecord } from '../state/metafile-schema.ts'
import { type JobEvent, nextJobRecord } from './job-state.ts'

const FIRST = { id: 'j-1', errcode: 0, message: 'the first' }
const SECOND = { id: 'j-1', errcode: 30_000_001, message: 'the second' }

const STATES = {
  accepted: exampleJob(),
  running: exampleJob({ state: 'running', before: 'a' }),
  done: exampleJob({ state: 'done', before: 'a', result: FIRST }),
  acknowledged: exampleJob({ state: 'done', before: 'a', result: FIRST, acknowledged: 5 }),
}

const EVENTS: Readonly<Record<JobEvent['kind'], JobEvent>> = {
  begin: { kind: 'begin', before: 'b' },
  finish: { kind: 'finish', result: SECOND },
  acknowledge: { kind: 'acknowledge', now: 9 },
  'ask-again': { kind: 'ask-again' },
}

/** What each event makes of each state; `same` is the very record, so that it costs no write. */
const TABLE: Readonly<Record<keyof typeof STATES, Readonly<Record<JobEvent['kind'], JobRecord | 'same'>>>> = {
  accepted: {
    begin: exampleJob({ state: 'running', before: 'b' }),
    finish: exampleJob({ state: 'done', result: SECOND }),
    acknowledge: 'same',
    'ask-again': 'same',
  },
  running: {
    begin: 'same', // begun before a crash: what was seen then still tells whether a restart has happened
    finish: exampleJob({ state: 'done', before: 'a', result: SECOND }),
    acknowledge: 'same',
    'ask-again': 'same',
  },
  done: {
    begin: 'same',
    finish: 'same', // one result, for ever
    acknowledge: exampleJob({ state: 'done', before: 'a', result: FIRST, acknowledged: 9 }),
    'ask-again': 'same',
  },
  acknowledged: {
    begin: 'same',
    finish: 'same',
    acknowledge: exampleJob({ state: 'done', before: 'a', result: FIRST, acknowledged: 9 }),
    'ask-again': exampleJob({ state: 'done', before: 'a', result: FIRST }),
  },
}

const CELLS = Object.entries(TABLE).flatMap(([state, row]) =>
  Object.entries(row).map(([event, becomes]) => ({ state, event, becomes })),
)

test.each(CELLS)('a job that is $state, at $event', ({ state, event, becomes }) => {
  const record = STATES[state as keyof typeof STATES]
  const next = nextJobRecord(record, EVENTS[event as JobEvent['kind']])
  if (becomes === 'same') expect(next).toBe(record)
  else expect(next).toEqual(becomes)
})

test('a job of an agent that did not run begins without an attempt', () => {
  expect(nextJobRecord(exampleJob(), { kind: 'begin', before: undefined })).toEqual(exampleJob({ state: 'running' }))
})
