import { expect, test } from 'vitest'
import { exampleAgent, exampleTrial, NEW } from '../../test/scenes/example-metafile.ts'
import { leavesNeither } from './leaves-neither.ts'
import type { Step } from './step.ts'

const RUNNING = exampleAgent()
const STOPPED = exampleAgent({ wanted: 'stopped' })
const WANT_STOPPED: Step = { kind: 'want', name: 'metrics', wanted: 'stopped' }
const STOP: Step = { kind: 'stop', name: 'metrics' }
const START: Step = { kind: 'start', name: 'metrics' }
const ACTIVATE: Step = { kind: 'activate', name: 'metrics', release: NEW }

test.for<[string, boolean, Step, typeof RUNNING | undefined]>([
  ['an uninstall that could not note that it wants the agent stopped ends: the agent runs on', false, WANT_STOPPED, RUNNING],
  ['one that could not stop it rests', true, STOP, STOPPED],
  ['one that could not delete all of it rests', true, { kind: 'remove', name: 'metrics', purge: false }, STOPPED],
  ['one that is tried again and cannot note a thing rests: some of it is perhaps deleted', true, WANT_STOPPED, STOPPED],
  ['an upgrade that could not stop the old release ends: it is wanted running, and runs on', false, STOP, RUNNING],
  ['a start of an agent that is wanted stopped ends', false, START, STOPPED],
  ['an install that is hindered ends: there was no agent, and there is none', false, ACTIVATE, undefined],
])('%s', ([, expected, step, agent]) => {
  expect(leavesNeither(step, agent, 'the job')).toBe(expected)
})

test('a job whose own trial is under way rests wherever it is hindered, and another job does not for its sake', () => {
  const onTrial = exampleAgent({ trial: exampleTrial({ job: 'the job' }) })
  expect(leavesNeither(START, onTrial, 'the job')).toBe(true)
  expect(leavesNeither(START, onTrial, 'another job')).toBe(false)
})
