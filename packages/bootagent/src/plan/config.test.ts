import type { JobOf } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { circumstances, hostOf, planned } from '../../test/scenes/host-of.ts'
import { planJob } from './plan.ts'

// About the host itself: there is no agent in it.
const HOST = { ...hostOf(), agent: undefined }

function config(settings: Partial<JobOf<'config'>>): JobOf<'config'> {
  return { id: 'j-1', action: 'config', ...settings }
}

function messageOf(settings: Partial<JobOf<'config'>>): string {
  return planJob(config(settings), HOST, circumstances()).end?.message ?? ''
}

test.each([
  ['as asked', 1200, 1200],
  ['the least a host takes', 1, 60],
  ['the least a host takes', 59, 60],
  ['as asked', 60, 60],
  ['as asked', 3600, 3600],
  ['the most a host takes', 31_536_000, 3600],
])('the step becomes %s: %i s asked, %i s kept', (_, asked, kept) => {
  expect(planned(config({ step: asked }), HOST)).toEqual([`report every ${kept} s`])
})

test('the operator is told of a step that was clamped, and only of such', () => {
  expect(messageOf({ step: 5 })).toBe('the host reports every 60 s; 5 s was clamped to 60 s')
  expect(messageOf({ step: 1200 })).toBe('the host reports every 1200 s')
})

test('the range is the host’s own', () => {
  expect(planned(config({ step: 1 }), HOST, { stepRange: { min: 0.5, max: 2 } })).toEqual(['report every 1 s'])
})

test('another server list is tried before it is kept', () => {
  expect(planned(config({ svrlist: 'new.example' }), HOST)).toEqual(['try the servers new.example'])
})

test('what is so already is not done again', () => {
  expect(planned(config({ step: 600, svrlist: 'old.example' }), HOST)).toEqual(['success'])
  expect(planned(config({}), HOST)).toEqual(['success'])
})

// The step holds whatever becomes of the list; the list may cost us the server we talk to.
// A job whose list is silent fails, and has then changed nothing.
test('the list is tried before the step is set', () => {
  expect(planned(config({ step: 1200, svrlist: 'new.example' }), HOST)).toEqual([
    'try the servers new.example',
    'report every 1200 s',
  ])
})
