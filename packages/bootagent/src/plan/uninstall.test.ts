import { expect, test } from 'vitest'
import { exampleAgent, OLD } from '../../test/scenes/example-metafile.ts'
import { circumstances, hostOf, order, planned, running } from '../../test/scenes/host-of.ts'
import { planJob } from './plan.ts'

const RUNNING = hostOf({ record: exampleAgent(), running: running(OLD) })

// Wanted stopped first: should we die after the stop, nothing may start it again.
test('an agent is wanted stopped, stopped and removed; its data stays', () => {
  expect(planned(order('uninstall'), RUNNING)).toEqual(['want metrics stopped', 'stop metrics', 'remove metrics'])
})

test('with purge its data goes too', () => {
  expect(planned(order('uninstall', { purge: true }), RUNNING)).toEqual([
    'want metrics stopped',
    'stop metrics',
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
