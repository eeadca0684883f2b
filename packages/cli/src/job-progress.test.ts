import type { HostJob, JobDetail } from '@bootagent/protocol'
import { expect, test } from 'vitest'
import { changesSince, describeHostJob, isOver } from './job-progress.ts'

const HOST: HostJob = { agentsn: 'a', hostname: 'web-1', state: 'queued' }
const DOWNLOAD = { id: 'j', action: 'install', stage: 'download the package' }

function job(...hosts: HostJob[]): JobDetail {
  return { id: 'j', action: 'install', created: 0, counts: { queued: 0, offered: 0, running: 0, succeeded: 0, failed: 0 }, hosts }
}

test.each<[string, Partial<HostJob>]>([
  ['waits for the host to report', { state: 'queued' }],
  ['sent to the host', { state: 'offered' }],
  ['running', { state: 'running' }],
  ['download the package', { state: 'running', progress: DOWNLOAD }],
  ['download the package, 40 %', { state: 'running', progress: { ...DOWNLOAD, done: 49, total: 100 } }],
  ['download the package', { state: 'running', progress: { ...DOWNLOAD, done: 49, total: 0 } }],
  ['download the package, 100 %', { state: 'running', progress: { ...DOWNLOAD, done: 300, total: 100 } }],
  ['succeeded', { state: 'succeeded', errcode: 0 }],
  ['succeeded: installed 1.0.0', { state: 'succeeded', errcode: 0, message: 'installed 1.0.0' }],
  ['failed: other bytes [checksum-mismatch]', { state: 'failed', errcode: 30_030_001, message: 'other bytes' }],
  ['failed: hm [errcode 7]', { state: 'failed', errcode: 7, message: 'hm' }],
  ['failed', { state: 'failed' }],
])('"%s" is said of %j', (words, standing) => {
  expect(describeHostJob({ ...HOST, ...standing })).toBe(words)
})

test('each host is spoken of once, and again only when it is further', () => {
  const first = changesSince(new Map(), job(HOST, { ...HOST, agentsn: 'b' }))
  expect(first.changes.map(({ host }) => host.agentsn)).toEqual(['a', 'b'])
  const second = changesSince(first.told, job(HOST, { ...HOST, agentsn: 'b', state: 'offered' }))
  expect(second.changes.map(({ host, text }) => [host.agentsn, text])).toEqual([['b', 'sent to the host']])
})

// Ten thousand hosts downloading would otherwise be ten thousand lines a second.
test('a few bytes more are no news', () => {
  const at = (done: number): JobDetail => job({ ...HOST, state: 'running', progress: { ...DOWNLOAD, done, total: 100 } })
  const { told } = changesSince(new Map(), at(41))
  expect(changesSince(told, at(49)).changes).toEqual([])
  expect(changesSince(told, at(50)).changes).toHaveLength(1)
})

test('a job is over when every host has answered, however', () => {
  expect(isOver(job({ ...HOST, state: 'succeeded' }, { ...HOST, state: 'failed' }))).toBe(true)
  expect(isOver(job({ ...HOST, state: 'succeeded' }, { ...HOST, state: 'running' }))).toBe(false)
})
