import { ERRORS, type Job, jobKey } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { exampleAgent, exampleMetafile } from '../../test/scenes/example-metafile.ts'
import { delivery, order } from '../../test/scenes/host-of.ts'
import type { JobRecord, Metafile } from '../state/metafile-schema.ts'
import { endWaiting, nextDeadline } from './end-waiting.ts'

const NOW = 1_700_000_000
const NOBODY: ReadonlySet<string> = new Set()

/** A host with these jobs, in the order of their acceptance; each gets its place as its id. */
function hostWith(...jobs: readonly Job[]): Metafile {
  const records = jobs.map((job, place): [string, JobRecord] => {
    const own = { ...job, id: String(place) }
    return [jobKey(own), { job: own, state: 'accepted', accepted: NOW }]
  })
  return exampleMetafile({ jobs: Object.fromEntries(records), agents: { metrics: exampleAgent() } })
}

/** The ids of those that end, and why. */
function endsOf(metafile: Metafile, busy = NOBODY): Record<string, string> {
  const { metafile: after, ended } = endWaiting(metafile, { now: NOW, busy })
  const reasonOf = (errcode: number | undefined) =>
    Object.entries(ERRORS).find(([, row]) => row.errcode === errcode)?.[0] ?? 'none'
  return Object.fromEntries(ended.map(({ key, job }) => [job.id, reasonOf(after.jobs[key]?.result?.errcode)]))
}

const stateIn = (metafile: Metafile, place: number, state: JobRecord['state']): Metafile => {
  const [key = '', record] = Object.entries(metafile.jobs)[place] ?? []
  return record === undefined ? metafile : { ...metafile, jobs: { ...metafile.jobs, [key]: { ...record, state } } }
}

describe('a job that waits behind another', () => {
  const late = order('start', { deadline: NOW - 1 })

  test('is answered when its deadline passes, and not when its turn comes', () => {
    const metafile = stateIn(hostWith(delivery(), late), 0, 'running')
    expect(endsOf(metafile)).toEqual({ 1: 'deadline-passed' })
  })

  test('still has the last second before its deadline', () => {
    expect(endsOf(hostWith(delivery(), order('start', { deadline: NOW })))).toEqual({})
  })

  test('and has begun, or is about to, is brought to its end', () => {
    expect(endsOf(stateIn(hostWith(late), 0, 'running'))).toEqual({})
    expect(endsOf(hostWith(late), new Set(['0 start metrics']))).toEqual({})
  })

  test('is waited for until the earliest deadline of all', () => {
    const metafile = hostWith(order('start', { deadline: NOW + 9 }), order('stop', { deadline: NOW + 5 }), delivery())
    expect(nextDeadline(metafile, NOBODY)).toBe(NOW + 5)
    expect(nextDeadline(metafile, new Set(['1 stop metrics']))).toBe(NOW + 9)
    expect(nextDeadline(hostWith(delivery()), NOBODY)).toBeUndefined()
  })
})

// Whatever the two would have left one after the other, the later one must leave alone.
describe('a delivery that waits is overtaken', () => {
  const install = (changes = {}) => delivery({ action: 'install', ...changes })

  test.each<[string, Job, Job]>([
    ['by an upgrade, when it is one itself', delivery(), delivery()],
    ['by an install', delivery(), install()],
    ['by an install, when it is one itself', install(), install()],
    ['by an uninstall', install(), order('uninstall')],
    ['whatever it expects itself', delivery({ expect: '1.0.0' }), delivery()],
    ['when its settings are all given anew', delivery({ envs: { A: '1' } }), delivery({ envs: {}, limits: {} })],
  ])('%s', (_, earlier, later) => {
    expect(endsOf(hostWith(earlier, later))).toEqual({ 0: 'superseded' })
  })

  test.each<[string, Job, Job]>([
    ['by what expects a release, which it may bring', delivery(), delivery({ expect: '2.0.0' })],
    ['by what may come too late itself', delivery(), delivery({ deadline: NOW + 60 })],
    ['by an uninstall that may come too late', delivery(), order('uninstall', { deadline: NOW + 60 })],
    ['by an upgrade, when it is the install that brings the agent', install(), delivery()],
    ['when a setting of it stays', delivery({ envs: { A: '1' } }), delivery()],
    ['by a rollback, whose way back it is', delivery(), order('rollback')],
    ['by a start', delivery(), order('start')],
    ['when it is none', order('start'), order('uninstall')],
    ['by a delivery of another agent', delivery(), delivery({ name: 'logs' })],
  ])('never %s', (_, earlier, later) => {
    expect(endsOf(hostWith(earlier, later))).toEqual({})
  })

  test('never when something between them counts on it', () => {
    expect(endsOf(hostWith(delivery(), order('rollback'), delivery()))).toEqual({})
  })

  test('across a stop and a restart, which go ahead of all', () => {
    expect(endsOf(hostWith(delivery(), order('stop'), order('restart'), delivery()))).toEqual({ 0: 'superseded' })
  })

  test('never once it has begun, or is about to', () => {
    expect(endsOf(stateIn(hostWith(delivery(), delivery()), 0, 'running'))).toEqual({})
    expect(endsOf(hostWith(delivery(), delivery()), new Set(['0 upgrade metrics']))).toEqual({})
  })

  test('and of many the last remains', () => {
    const many = hostWith(...Array.from({ length: 50 }, () => delivery()))
    expect(Object.keys(endsOf(many))).toHaveLength(49)
    expect(Object.values(endWaiting(many, { now: NOW, busy: NOBODY }).metafile.jobs).at(-1)?.state).toBe('accepted')
  })
})

test('a job that ends so leaves the agent as it is, and what another has unpacked of it', () => {
  const metafile = hostWith(delivery(), delivery())
  expect(endWaiting(metafile, { now: NOW, busy: NOBODY }).metafile.agents).toBe(metafile.agents)
})

test('where nothing ends nothing is written', () => {
  const metafile = hostWith(delivery())
  expect(endWaiting(metafile, { now: NOW, busy: NOBODY }).metafile).toBe(metafile)
})
