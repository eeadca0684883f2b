import { ERRORS } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { memoryStores } from '../stores.memory.ts'
import { cancelJob } from './cancel-job.ts'
import type { Assignment, FleetJob } from './job.ts'
import { receiveResults } from './receive-results.ts'

const UPGRADE: FleetJob = { id: 'j-1', position: 1, action: 'upgrade', name: 'metrics', created: 1, settings: {} }
const HOSTS: readonly Assignment['state'][] = ['queued', 'offered', 'running', 'succeeded', 'failed']

/** A job with one host in each state, named by it. */
async function withJob() {
  const { jobs } = memoryStores()
  await jobs.add(
    UPGRADE,
    HOSTS.map((agentsn) => ({ agentsn })),
  )
  for (const state of HOSTS) await jobs.save({ job: UPGRADE, agentsn: state, state })
  const cancel = (order: { hosts?: string[] } = {}, job = 'j-1') => cancelJob(jobs, { job, order, id: 'c-1', now: 100 })
  const statesOf = async (id: string) => Object.fromEntries((await jobs.ofJob(id)).map(({ agentsn, state }) => [agentsn, state]))
  const answer = (agentsn: string, reason: keyof typeof ERRORS) => {
    const result = { id: 'c-1', action: 'cancel', name: 'metrics', errcode: ERRORS[reason].errcode, message: 'so it is' }
    return receiveResults(jobs, { agentsn, results: [result], now: 200 })
  }
  return { jobs, cancel, statesOf, answer }
}

test('a cancel goes to the hosts that have not ended the job, and tells them which', async () => {
  const { cancel, statesOf } = await withJob()
  expect(await cancel()).toEqual({ ...UPGRADE, id: 'c-1', position: 2, action: 'cancel', created: 100, settings: { job: 'j-1' } })
  expect(await statesOf('c-1')).toEqual({ queued: 'succeeded', offered: 'queued', running: 'queued' })
})

// No reply can have named it there, and none will.
test('where the job was never offered it ends at once, and the host is not asked', async () => {
  const { cancel, jobs, statesOf } = await withJob()
  await cancel()
  expect(await statesOf('j-1')).toEqual({
    queued: 'failed',
    offered: 'offered',
    running: 'running',
    succeeded: 'succeeded',
    failed: 'failed',
  })
  const outcome = { errcode: ERRORS.cancelled.errcode, message: 'called off before the host was told of it', finished: 100 }
  expect((await jobs.find('queued', 'j-1'))?.outcome).toEqual(outcome)
  expect(await jobs.open('queued', 50)).toEqual([])
})

test('a cancel is offered before all else, since a host may have no room for what came before it', async () => {
  const { cancel, jobs } = await withJob()
  await cancel()
  expect((await jobs.open('running', 50)).map(({ job }) => job.id)).toEqual(['c-1', 'j-1'])
})

test('it can be for some of the hosts only', async () => {
  const { cancel, statesOf } = await withJob()
  await cancel({ hosts: ['running'] })
  expect(await statesOf('c-1')).toEqual({ running: 'queued' })
  expect(await statesOf('j-1')).toMatchObject({ queued: 'queued' })
})

describe('refused is a cancel', () => {
  test.each([
    ['of a job there is not', {}, 'j-9', 'not-found', 'there is no job j-9'],
    ['for a host the job is not for', { hosts: ['running', 'other'] }, 'j-1', 'nothing-matches', 'the job is not for host other'],
    [
      'where it has ended',
      { hosts: ['succeeded'] },
      'j-1',
      'conflict',
      'the upgrade of metrics has ended on those hosts: there is nothing to call off',
    ],
  ])('%s', async (_, order, job, code, message) => {
    const { cancel } = await withJob()
    await expect(cancel(order, job)).rejects.toMatchObject({ code, message })
  })

  test('of a cancel', async () => {
    const { cancel } = await withJob()
    await cancel()
    await expect(cancel({}, 'c-1')).rejects.toMatchObject({ code: 'bad-request' })
  })
})

test('a host that has no such job promises not to begin it: there it has ended', async () => {
  const { cancel, answer, jobs } = await withJob()
  await cancel()
  await answer('offered', 'job-unknown')
  expect(await jobs.find('offered', 'j-1')).toMatchObject({ state: 'failed', outcome: { errcode: ERRORS.cancelled.errcode } })
})

// It knows no cancels, or was too late for this one: the job's own result is still to come.
test.each(['action-unknown', 'too-late'] as const)('a host that answers %s goes on with the job', async (reason) => {
  const { cancel, answer, jobs } = await withJob()
  await cancel()
  await answer('offered', reason)
  expect((await jobs.find('offered', 'j-1'))?.state).toBe('offered')
  expect((await jobs.find('offered', 'c-1'))?.state).toBe('failed')
})
