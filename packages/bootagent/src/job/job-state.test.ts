import { expect, test } from 'vitest'
import { exampleJob } from '../../test/scenes/example-metafile.ts'
import type { JobRecord } from '../state/metafile-schema.ts'
import { type JobEvent, nextJobRecord } from './job-state.ts'

const FIRST = { id: 'j-1', errcode: 0, message: 'the first' }
const SECOND = { id: 'j-1', errcode: 30_000_001, message: 'the second' }

const STATES = {
  accepted: exampleJob(),
  running: exampleJob({ state: 'running', before: 'a' }),
  'called off': exampleJob({ state: 'running', before: 'a', calledOff: 'c' }),
  done: exampleJob({ state: 'done', result: FIRST }),
  acknowledged: exampleJob({ state: 'done', result: FIRST, acknowledged: 5 }),
}

const EVENTS: Readonly<Record<JobEvent['kind'], JobEvent>> = {
  begin: { kind: 'begin', before: 'b' },
  finish: { kind: 'finish', result: SECOND },
  'call-off': { kind: 'call-off', by: 'c', result: SECOND },
  acknowledge: { kind: 'acknowledge', now: 9 },
  'ask-again': { kind: 'ask-again' },
}

/** What each event makes of each state; `same` is the very record, so that it costs no write. */
const TABLE: Readonly<Record<keyof typeof STATES, Readonly<Record<JobEvent['kind'], JobRecord | 'same'>>>> = {
  accepted: {
    begin: exampleJob({ state: 'running', before: 'b' }),
    finish: exampleJob({ state: 'done', result: SECOND }),
    'call-off': exampleJob({ state: 'done', result: SECOND }), // nothing was done, and nothing will be
    acknowledge: 'same',
    'ask-again': 'same',
  },
  running: {
    begin: 'same', // begun before a crash: what was seen then still tells whether a restart has happened
    finish: exampleJob({ state: 'done', result: SECOND }),
    'call-off': exampleJob({ state: 'running', before: 'a', calledOff: 'c' }),
    acknowledge: 'same',
    'ask-again': 'same',
  },
  'called off': {
    begin: 'same',
    finish: exampleJob({ state: 'done', result: SECOND }),
    'call-off': 'same', // the first wish is as good as the second
    acknowledge: 'same',
    'ask-again': 'same',
  },
  done: {
    begin: 'same',
    finish: 'same', // one result, for ever
    'call-off': 'same',
    acknowledge: exampleJob({ state: 'done', result: FIRST, acknowledged: 9 }),
    'ask-again': 'same',
  },
  acknowledged: {
    begin: 'same',
    finish: 'same',
    'call-off': 'same',
    acknowledge: exampleJob({ state: 'done', result: FIRST, acknowledged: 9 }),
    'ask-again': exampleJob({ state: 'done', result: FIRST }),
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

// Settings may be large and hold secrets, and a thousand finished jobs are kept.
test('of a job that has ended only what it is known by is kept', () => {
  const job = { id: 'j-1', action: 'install', name: 'metrics', url: 'http://p/a.tar.gz', envs: { KEY: 'x'.repeat(30_000) } }
  const done = nextJobRecord(exampleJob({ job, state: 'running' }), { kind: 'finish', result: FIRST })
  expect(done.job).toEqual({ id: 'j-1', action: 'install', name: 'metrics' })
})

test('of a cancel also which job it has called off: that one must not be begun should it come late', () => {
  const job = { id: 'c-1', action: 'cancel', job: 'j-1', deadline: 7 }
  const done = nextJobRecord(exampleJob({ job, state: 'running' }), { kind: 'finish', result: FIRST })
  expect(done.job).toEqual({ id: 'c-1', action: 'cancel', job: 'j-1' })
})
