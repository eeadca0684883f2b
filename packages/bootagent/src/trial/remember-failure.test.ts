import { describe, expect, test } from 'vitest'
import {
  exampleAgent,
  exampleExit,
  exampleMetafile,
  exampleTrial,
  NEW,
  OLD,
  RELEASES,
} from '../../test/scenes/example-metafile.ts'
import type { FailedRelease, Trial } from '../state/metafile-schema.ts'
import { rememberTrial } from './remember-failure.ts'

const END = { key: 'the job', name: 'metrics', asked: 'ffff', succeeded: true, time: 1_700_000_100 }

function after(trial: Trial | null, failed: Record<string, FailedRelease[]> = {}) {
  const exits = [
    exampleExit({ release: OLD, attempt: '000001-aaaaaaaa' }),
    exampleExit({ attempt: '000002-bbbbbbbb', lived: 20 }),
  ]
  const agent = exampleAgent({ release: OLD, releases: RELEASES, trial, exits })
  return rememberTrial(END)(exampleMetafile({ agents: { metrics: agent }, failed })).failed
}

const FAILED: FailedRelease = {
  release: NEW,
  tree: NEW,
  asked: 'ffff',
  time: 1_700_000_100,
  why: 'it exited with code 3 after 20 s',
  exits: ['exited with code 3 after 20 s'],
  lines: ['cannot read my config'],
}

describe('a release that failed its trial', () => {
  const trial = exampleTrial({ after: '000001-aaaaaaaa', failure: `${NEW} failed its trial: ${FAILED.why}`, lines: FAILED.lines })

  test('is remembered with why, with its own exits, and with its last words', () => {
    expect(after(trial)).toEqual({ metrics: [FAILED] })
  })

  test('is remembered once, however often it fails', () => {
    expect(after(trial, { metrics: [{ ...FAILED, time: 1 }] })).toEqual({ metrics: [FAILED] })
  })

  test('does not push out what failed by other settings, until there are more than five', () => {
    const others = Array.from({ length: 5 }, (_, index) => ({ ...FAILED, asked: String(index) }))
    expect(after(trial, { metrics: others })['metrics']?.map(({ asked }) => asked)).toEqual(['1', '2', '3', '4', 'ffff'])
  })
})

test('a release is not held to account for what the host lacked', () => {
  const hindered = exampleTrial({ failure: 'metrics could not be started: no room', hindered: 'start-hindered' })
  expect(after(hindered)).toEqual({})
  expect(after(hindered, { metrics: [FAILED] })).toEqual({ metrics: [FAILED] })
})

test('a release that passes is forgiven, and the others are not', () => {
  const passed = exampleTrial()
  expect(after(passed, { metrics: [FAILED] })).toEqual({})
  expect(after(passed, { metrics: [{ ...FAILED, asked: 'else' }] })).toEqual({ metrics: [{ ...FAILED, asked: 'else' }] })
})

test('one whose job was called off has neither passed nor failed', () => {
  const agent = exampleAgent({ trial: exampleTrial() })
  const before = exampleMetafile({ agents: { metrics: agent }, failed: { metrics: [FAILED] } })
  expect(rememberTrial({ ...END, succeeded: false })(before)).toBe(before)
})

test.each([
  ['no trial', null],
  ['the trial of another job', exampleTrial({ job: 'another', failure: 'no' })],
])('%s changes nothing', (_, trial) => {
  const before = exampleMetafile({ agents: { metrics: exampleAgent({ trial }) } })
  expect(rememberTrial(END)(before)).toBe(before)
})
