import { HOST_JOB_STATES } from '@bootagent/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FleetJob, isAbout, isOpen, type JobNews, NEXT_STATE } from './job.ts'

const NEWS: readonly JobNews[] = ['offer', 'progress', 'success', 'failure']
const arbitraryNews = fc.array(fc.constantFrom(...NEWS))

test('the first result stands, whatever news comes before and after it', () => {
  fc.assert(
    fc.property(arbitraryNews, (news) => {
      const first = news.find((each) => each === 'success' || each === 'failure')
      const end = news.reduce((state, each) => NEXT_STATE[state][each], 'queued' as keyof typeof NEXT_STATE)
      expect(isOpen({ state: end })).toBe(first === undefined)
      if (first !== undefined) expect(end).toBe(first === 'success' ? 'succeeded' : 'failed')
    }),
  )
})

test('no news takes a host back to an earlier state', () => {
  const rank = (state: (typeof HOST_JOB_STATES)[number]) => Math.min(HOST_JOB_STATES.indexOf(state), 3)
  for (const state of HOST_JOB_STATES) {
    for (const news of NEWS) expect(rank(NEXT_STATE[state][news])).toBeGreaterThanOrEqual(rank(state))
  }
})

const JOB: FleetJob = { id: 'j-1', position: 1, action: 'stop', name: 'metrics', created: 1, settings: {} }

test.each([
  [{ id: 'j-1', action: 'stop', name: 'metrics' }, true],
  [{ id: 'j-1' }, true],
  [{ id: 'j-1', action: 'start', name: 'metrics' }, false],
  [{ id: 'j-1', action: 'stop', name: 'logs' }, false],
  [{ id: 'j-2', action: 'stop', name: 'metrics' }, false],
])('%j is about the job: %s', (said, about) => {
  expect(isAbout(said, JOB)).toBe(about)
})
