import type { Job } from '@bootagent/protocol'
import { describe, expect, test } from 'vitest'
import { afterStep, type World } from '../../test/scenes/after-step.ts'
import { exampleAgent, exampleTrial, NEW, OLD, RELEASES } from '../../test/scenes/example-metafile.ts'
import { circumstances, delivery, hostOf, order, planned, running } from '../../test/scenes/host-of.ts'
import type { HostState } from '../state/host-state.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { planJob } from './plan.ts'
import type { Plan, Step } from './step.ts'

const CONFIG: Job = { id: 'j-1', action: 'config', step: 1200, svrlist: 'new.example' }
const OFF = { calledOff: true, before: 'the attempt before' }

function atOld(changes: Partial<AgentRecord> = {}): HostState {
  return hostOf({ record: exampleAgent(changes), running: running(OLD) })
}

/** What is undone when it is called off; each on the host that gives it most to do. */
const STORIES: Readonly<Record<string, { job: Job; host: HostState }>> = {
  'a first install': { job: delivery({ action: 'install' }), host: hostOf() },
  'an upgrade': { job: delivery(), host: atOld() },
  'an install over an agent with strikes': { job: delivery({ action: 'install' }), host: atOld({ strikes: 2 }) },
  'a rollback': {
    job: order('rollback'),
    host: hostOf({ record: exampleAgent({ release: NEW, releases: RELEASES, previous: OLD }), running: running(NEW) }),
  },
}

describe.each(Object.entries(STORIES))('%s that is called off', (_, { job, host }) => {
  const begin: World = { host, process: undefined }
  const steps = stepsOf(planJob(job, host, circumstances()))
  const cuts = Array.from({ length: steps.length }, (__, done) => done)

  test.each(cuts)('after %i steps leaves what ran running, on the release it had', (done) => {
    const found = steps.slice(0, done).reduce(afterStep, begin)
    const plan = planJob(job, found.host, circumstances(OFF))
    expect(plan.end?.reason).toBe('cancelled')
    expect(seenOf(stepsOf(plan).reduce(afterStep, found))).toEqual(seenOf(begin))
  })

  test.each(cuts)('after %i steps, and cut off by a crash at each step of the way out, still does', (done) => {
    const found = steps.slice(0, done).reduce(afterStep, begin)
    const wayOut = stepsOf(planJob(job, found.host, circumstances(OFF)))
    for (let cut = 0; cut <= wayOut.length; cut++) {
      const left = wayOut.slice(0, cut).reduce(afterStep, found)
      const again = planJob(job, left.host, circumstances(OFF))
      expect(again.end?.reason).toBe('cancelled')
      expect(seenOf(stepsOf(again).reduce(afterStep, left))).toEqual(seenOf(begin))
    }
  })
})

test('in its trial the way out is the one way back', () => {
  const record = exampleAgent({ release: NEW, releases: RELEASES, previous: OLD, trial: exampleTrial() })
  const host = hostOf({ record, running: running(NEW) })
  expect(planned(delivery(), host, OFF)).toEqual(['stop metrics', `go back to ${OLD} of metrics`, 'start metrics'])
  const { end } = planJob(delivery(), host, circumstances(OFF))
  expect(end).toEqual({ reason: 'cancelled', message: `called off during its trial; metrics is back at ${OLD}` })
})

// It tells why it failed, which is truer than that somebody then called it off.
test('a trial that has failed already is a failed trial', () => {
  const record = exampleAgent({ release: NEW, releases: RELEASES, previous: OLD, trial: exampleTrial({ failure: 'it died' }) })
  expect(planJob(delivery(), hostOf({ record, running: running(NEW) }), circumstances(OFF)).end?.reason).toBe('trial-failed')
})

test('before the switch an agent that was stopped on the way runs again', () => {
  const host = hostOf({ record: exampleAgent({ releases: RELEASES }) })
  expect(planned(delivery(), host, OFF)).toEqual(['start metrics'])
})

// What was stopped and started on the way is not "nothing changed".
test('it tells the release that there is, and that nothing was changed only where there is none', () => {
  const stopped = planJob(delivery(), hostOf({ record: exampleAgent({ releases: RELEASES }) }), circumstances(OFF))
  expect(stopped.end?.message).toBe(`called off before the switch; metrics is at ${OLD}, as before`)
  expect(planJob(delivery(), hostOf(), circumstances(OFF)).end?.message).toBe('called off before anything was changed')
})

test('an agent that did not run when the job began is not started', () => {
  const host = hostOf({ record: exampleAgent({ fatal: true }) })
  expect(planned(delivery(), host, { calledOff: true })).toEqual([])
})

test('a server list that has not answered is left', () => {
  expect(planJob(CONFIG, { ...hostOf(), agent: undefined }, circumstances(OFF)).end?.reason).toBe('cancelled')
})

describe('too late to be called off, and brought to its end, is', () => {
  test.each(['start', 'stop', 'restart', 'reset', 'uninstall'] as const)('a %s that has begun', (action) => {
    expect(planned(order(action), atOld(), OFF)).toEqual(planned(order(action), atOld(), { ...OFF, calledOff: false }))
  })

  test('a delivery whose release is there already', () => {
    expect(
      planJob(delivery(), hostOf({ record: exampleAgent({ release: NEW, releases: RELEASES }) }), circumstances(OFF)).end?.reason,
    ).toBe('success')
  })

  test('a config whose list is kept', () => {
    const host = { ...hostOf({}, { svrlist: 'new.example' }), agent: undefined }
    expect(planned(CONFIG, host, OFF)).toEqual(['report every 1200 s'])
  })
})

function stepsOf(plan: Plan): readonly Step[] {
  return plan.kind === 'end' ? [] : plan.steps
}

/** What anybody would miss: which release is to run, whether it is wanted, and what does run. */
function seenOf({ host: { agent } }: World) {
  return { release: agent?.record?.release ?? null, running: agent?.running?.release }
}
