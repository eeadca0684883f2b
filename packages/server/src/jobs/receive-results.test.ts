import type { JobResult } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { memoryStores } from '../stores.memory.ts'
import { receiveProgress } from './receive-progress.ts'
import { receiveResults } from './receive-results.ts'

const DONE: JobResult = { id: 'j-1', action: 'stop', name: 'metrics', errcode: 0, message: 'stopped' }

async function withJob() {
  const { jobs } = memoryStores()
  await jobs.add({ id: 'j-1', position: 1, action: 'stop', name: 'metrics', created: 1, settings: {} }, [{ agentsn: 'sn-1' }])
  const send = (results: JobResult[], now = 100, agentsn = 'sn-1') => receiveResults(jobs, { agentsn, results, now })
  const look = () => jobs.find('sn-1', 'j-1')
  return { jobs, send, look }
}

test('a result ends the job and is kept word for word', async () => {
  const { send, look } = await withJob()
  expect(await send([DONE])).toEqual([])
  expect(await look()).toMatchObject({ state: 'succeeded', outcome: { errcode: 0, message: 'stopped', finished: 100 } })
})

test('the first result stands: a repeat, even one that says otherwise, changes nothing', async () => {
  const { send, look } = await withJob()
  await send([DONE])
  const before = await look()
  expect(await send([DONE, { ...DONE, errcode: 30_000_001, message: 'no' }], 200)).toEqual([])
  expect(await look()).toEqual(before)
})

test('an errcode other than 0 is a failure', async () => {
  const { send, look } = await withJob()
  await send([{ ...DONE, errcode: 30_040_003 }])
  expect((await look())?.state).toBe('failed')
})

test('a host that knows only the seed gives the id alone', async () => {
  const { send, look } = await withJob()
  await send([{ id: 'j-1', errcode: 0, message: 'success' }])
  expect((await look())?.state).toBe('succeeded')
})

test.each<[string, JobResult, string]>([
  ['an unknown id', { ...DONE, id: 'j-2' }, 'sn-1'],
  ['another action', { ...DONE, action: 'start' }, 'sn-1'],
  ['another agent', { ...DONE, name: 'logs' }, 'sn-1'],
  ["another host's job", DONE, 'sn-2'],
])('the result of %s is handed back and changes nothing', async (_, result, agentsn) => {
  const { send, look } = await withJob()
  expect(await send([result], 100, agentsn)).toEqual([result])
  expect((await look())?.state).toBe('queued')
})

test('progress makes a job run, and its result ends the progress', async () => {
  const { jobs, send, look } = await withJob()
  const progress = [{ id: 'j-1', action: 'stop', name: 'metrics', stage: 'stop it' }]
  await receiveProgress(jobs, 'sn-1', progress)
  expect(await look()).toMatchObject({ state: 'running', progress: progress[0] })
  await send([DONE])
  expect(await look()).toMatchObject({ state: 'succeeded', progress: undefined })
  // A report that was under way for long.
  await receiveProgress(jobs, 'sn-1', progress)
  expect(await look()).toMatchObject({ state: 'succeeded', progress: undefined })
})

// A number the database could not read back would make every list of jobs fail.
test('an absurd errcode is kept as the largest that 32 bits hold', async () => {
  const { send, look } = await withJob()
  await send([{ ...DONE, errcode: 1e18 }])
  expect((await look())?.outcome?.errcode).toBe(2 ** 31 - 1)
})
