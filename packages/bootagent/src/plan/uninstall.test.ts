import { expect, test } from 'vitest'
import { exampleAgent, exampleJob, OLD } from '../../test/scenes/example-metafile.ts'
import { circumstances, hostOf, order, planned, running } from '../../test/scenes/host-of.ts'
import type { Changes } from '../state/metafile-schema.ts'
import { planJob } from './plan.ts'

const RUNNING = hostOf({ record: exampleAgent(), running: running(OLD) })
const CHANGES: Changes = { count: 1, some: ['"releases/1.0.0-11111111/etc/x.conf"'], partly: false }
const NOTED = { jobs: { 'the job': exampleJob({ state: 'running', changes: CHANGES }) } }

// Wanted stopped first: should we die after the stop, nothing may start it again. Looked at once it has ended, since it may write itself.
test('an agent is wanted stopped, stopped and removed; its data stays', () => {
  expect(planned(order('uninstall'), RUNNING)).toEqual([
    'want metrics stopped',
    'stop metrics',
    'note what was changed in the releases of metrics',
    'remove metrics',
  ])
})

// Some of it may be deleted by then.
test('what was changed in its releases is not looked for a second time', () => {
  expect(planned(order('uninstall'), hostOf({ record: exampleAgent() }, NOTED))).toEqual([
    'want metrics stopped',
    'stop metrics',
    'remove metrics',
  ])
})

test('what was noted is told in the end, also when BootAgent was killed once all was deleted', () => {
  const message =
    'metrics is not on this host; 1 file in its releases had been changed or added since these were put there: ' +
    '"releases/1.0.0-11111111/etc/x.conf"'
  for (const agent of [{ record: exampleAgent() }, {}]) {
    expect(planJob(order('uninstall'), hostOf(agent, NOTED), circumstances()).end).toEqual({ reason: 'success', message })
  }
})

test('with purge its data goes too', () => {
  expect(planned(order('uninstall', { purge: true }), RUNNING)).toEqual([
    'want metrics stopped',
    'stop metrics',
    'note what was changed in the releases of metrics',
    'remove metrics and its data',
  ])
})

test('an agent that is not here is removed already', () => {
  const plan = planJob(order('uninstall'), hostOf(), circumstances())
  expect(plan).toEqual({ kind: 'end', end: { reason: 'success', message: 'metrics is not on this host' } })
})

test('data that was left by an uninstall can be purged later, once', () => {
  expect(planned(order('uninstall', { purge: true }), hostOf({ directory: true }))).toEqual(['remove metrics and its data'])
  expect(planned(order('uninstall', { purge: true }), hostOf())).toEqual(['success'])
  expect(planned(order('uninstall'), hostOf({ directory: true }))).toEqual(['success'])
})

test('an agent that never got a release is removed like any other', () => {
  expect(planned(order('uninstall'), hostOf({ record: exampleAgent({ release: null }) }))).toContain('remove metrics')
})
