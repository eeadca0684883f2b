import type { Job } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { DIGESTS, exampleAgent, exampleTrial, NEW, NEW_RELEASE, OLD, RELEASES } from '../../test/scenes/example-metafile.ts'
import type { HostState } from '../state/host-state.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { afterRevival, afterStep, type World } from '../../test/scenes/after-step.ts'
import { circumstances, delivery, hostOf, order, planned, running } from '../../test/scenes/host-of.ts'
import { planJob } from './plan.ts'
import { describe as sentenceOf, type Plan, type Step } from './step.ts'

describe('a deadline', () => {
  const now = 1_700_000_000
  const host = hostOf({ record: exampleAgent() })
  const late = order('stop', { deadline: now - 1 })

  test('that has passed refuses a job that has not begun, and tells when it was', () => {
    const plan = planJob(late, host, circumstances({ now, begun: false }))
    expect(plan.end).toEqual({ reason: 'deadline-passed', message: 'the job was to begin before 2023-11-14T22:13:19.000Z' })
  })

  test('says when to begin: a job that has begun is brought to its end', () => {
    expect(planned(late, host, { now, begun: true })).toEqual(['want metrics stopped', 'stop metrics'])
  })

  test('is still met in its last second', () => {
    expect(planned(order('stop', { deadline: now }), host, { now, begun: false })).toEqual([
      'want metrics stopped',
      'stop metrics',
    ])
  })
})

/** Every kind of job, on the host that gives it most to do. */
const STORIES: Readonly<Record<string, { job: Job; host: HostState; before?: string }>> = {
  'a first install': { job: delivery({ action: 'install', expect: 'none' }), host: hostOf() },
  'an install of a package that is here': {
    job: delivery({ action: 'install' }),
    host: hostOf({}, { packages: new Set([DIGESTS.new]) }),
  },
  'an install over another release': { job: delivery({ action: 'install' }), host: atOld() },
  'an install over a stopped agent': {
    job: delivery({ action: 'install' }),
    host: hostOf({ record: exampleAgent({ wanted: 'stopped' }) }),
  },
  'an install over an agent that was given up': {
    job: delivery({ action: 'install' }),
    host: hostOf({ record: exampleAgent({ fatal: true }) }),
  },
  'an install of the same release with other settings': { job: delivery({ action: 'install', envs: { A: '2' } }), host: atNew() },
  'an install of the same release, stopped': { job: delivery({ action: 'install' }), host: atNew({ wanted: 'stopped' }) },
  'an upgrade': { job: delivery({ expect: OLD, envs: { A: '2' } }), host: atOld() },
  'an upgrade to a release that is here, with other settings': {
    job: delivery({ envs: { A: '2' } }),
    host: atOld({ releases: RELEASES }),
  },
  'an upgrade of a stopped agent': { job: delivery(), host: hostOf({ record: exampleAgent({ wanted: 'stopped' }) }) },
  'an upgrade of a stopped agent to the same release with other settings': {
    job: delivery({ envs: { A: '2' } }),
    host: atNew({ wanted: 'stopped' }),
  },
  'a rollback': { job: order('rollback'), host: atNew({ previous: OLD }) },
  'a rollback of a stopped agent': { job: order('rollback'), host: atNew({ previous: OLD, wanted: 'stopped' }) },
  'a failed trial': { job: delivery(), host: atNew({ previous: OLD, trial: exampleTrial({ failure: 'no' }) }) },
  'a failed trial of an agent that was stopped': {
    job: delivery({ action: 'install' }),
    host: atNew({ previous: OLD, trial: exampleTrial({ failure: 'no', wanted: 'stopped' }) }),
  },
  'a start': { job: order('start'), host: hostOf({ record: exampleAgent({ wanted: 'stopped', strikes: 2 }) }) },
  'a stop': { job: order('stop'), host: atOld() },
  'a restart': { job: order('restart'), host: atOld(), before: 'the attempt before' },
  'a restart of a stopped agent': { job: order('restart'), host: hostOf({ record: exampleAgent({ wanted: 'stopped' }) }) },
  'a reset': { job: order('reset'), host: hostOf({ record: exampleAgent({ fatal: true, strikes: 4 }) }) },
  'an uninstall': { job: order('uninstall'), host: atOld() },
  'an uninstall with purge': { job: order('uninstall', { purge: true }), host: atOld() },
  'a config': {
    job: { id: 'j-1', action: 'config', step: 1200, svrlist: 'new.example' },
    host: { ...hostOf(), agent: undefined },
  },
}

function atOld(changes: Partial<AgentRecord> = {}): HostState {
  return hostOf({ record: exampleAgent(changes), running: running(OLD) })
}

function atNew(changes: Partial<AgentRecord> = {}): HostState {
  const record = exampleAgent({ release: NEW, releases: RELEASES, ...changes })
  return hostOf({ record, running: record.wanted === 'running' ? running(NEW) : undefined })
}

describe.each(Object.entries(STORIES))('%s, cut off by a crash', (_, { job, host, before }) => {
  const plan = (world: World) => planJob(job, world.host, circumstances({ before }))
  const begin: World = { host, process: host.agent?.running && host.agent.record?.releases[host.agent.running.release] }
  const whole = plan(begin)
  const uncut = stepsOf(whole).reduce(afterStep, begin)
  const cuts = Array.from({ length: stepsOf(whole).length + 1 }, (_, done) => done)

  test.each(cuts)('after %i steps: what is left is planned, and nothing that was not planned before', (done) => {
    const again = saidOf(plan(stepsOf(whole).slice(0, done).reduce(afterStep, begin)))
    expect(isWithin(saidOf(whole).slice(done), again)).toBe(true)
    expect(isWithin(again, saidOf(whole))).toBe(true)
  })

  test.each(cuts)('after %i steps: it ends as if nothing had happened', (done) => {
    const left = stepsOf(whole).slice(0, done).reduce(afterStep, begin)
    // Supervision comes back before jobs do: it may have started what is wanted, or not yet.
    for (const found of [left, afterRevival(left)]) {
      const again = plan(found)
      expect(shown(stepsOf(again).reduce(afterStep, found))).toEqual(shown(uncut))
      expect(again.end).toEqual(whole.end)
    }
  })
})

// The failed trial stays on record until the result does: what has failed once is not tried again by a crash.
test('a first install whose trial failed, cut off before its result, is not tried once more', () => {
  const job = delivery({ action: 'install' })
  const record = exampleAgent({
    release: NEW,
    releases: { [NEW]: NEW_RELEASE },
    trial: exampleTrial({ from: null, failure: 'no' }),
  })
  const failed: World = {
    host: hostOf({ record, running: running(NEW) }, { packages: new Set([DIGESTS.new]) }),
    process: NEW_RELEASE,
  }
  const gone = stepsOf(planJob(job, failed.host, circumstances())).reduce(afterStep, failed)
  expect(planned(job, gone.host)).toEqual(['stop metrics'])
})

function stepsOf(plan: Plan): readonly Step[] {
  return plan.kind === 'steps' ? plan.steps : []
}

function saidOf(plan: Plan): string[] {
  return stepsOf(plan).map(sentenceOf)
}

/** True when the first is the second with nothing but omissions. */
function isWithin(part: readonly string[], whole: readonly string[]): boolean {
  const left = [...part]
  for (const each of whole) if (each === left[0]) left.shift()
  return left.length === 0
}

/** What anyone could see of a world: not by which attempt an agent runs, but by which release and settings. */
function shown({ host, process }: World): unknown {
  const { agent } = host
  return { ...host, agent: agent && { ...agent, running: agent.running?.release }, process }
}
