import { describe, expect, test } from 'vitest'
import {
  exampleAgent,
  exampleExit,
  exampleRelease,
  exampleTrial,
  NEW,
  NEW_RELEASE,
  OLD,
  RELEASES,
} from '../../test/scenes/example-metafile.ts'
import { circumstances, delivery, hostOf, order, planned, running } from '../../test/scenes/host-of.ts'
import { planJob } from './plan.ts'
import { planResuming } from './roll-back.ts'

describe('the way back from a failed trial', () => {
  const failed = exampleAgent({
    release: NEW,
    previous: OLD,
    releases: RELEASES,
    trial: exampleTrial({ failure: 'it exited with code 3' }),
  })

  test('ends where it began, and says what the trial failed of', () => {
    const plan = planJob(delivery(), hostOf({ record: failed, running: running(NEW) }), circumstances())
    expect(plan).toMatchObject({ end: { reason: 'trial-failed', message: `it exited with code 3; metrics is back at ${OLD}` } })
    expect(planned(delivery(), hostOf({ record: failed, running: running(NEW) }))).toEqual([
      'stop metrics',
      `go back to ${OLD} of metrics`,
      'start metrics',
    ])
  })

  test('says that it was the host, where the host lacked something', () => {
    const record = { ...failed, trial: exampleTrial({ failure: 'there is no room', hindered: 'disk-full' }) }
    const plan = planJob(delivery(), hostOf({ record }), circumstances())
    expect(plan).toMatchObject({ end: { reason: 'disk-full', message: `there is no room; metrics is back at ${OLD}` } })
  })

  test('need not stop what has ended', () => {
    expect(planned(delivery(), hostOf({ record: failed }))).toEqual([`go back to ${OLD} of metrics`, 'start metrics'])
  })

  test('leaves an agent stopped that was stopped before the trial', () => {
    const record = { ...failed, trial: exampleTrial({ failure: 'no', wanted: 'stopped' }) }
    expect(planned(delivery({ action: 'install' }), hostOf({ record, running: running(NEW) }))).toEqual([
      'stop metrics',
      `go back to ${OLD} of metrics`,
    ])
  })

  test('of a first release leaves the agent without one, and so the host without the agent', () => {
    const record = exampleAgent({
      release: NEW,
      releases: { [NEW]: NEW_RELEASE },
      trial: exampleTrial({ from: null, failure: 'no' }),
    })
    expect(planned(delivery(), hostOf({ record, running: running(NEW) }))).toEqual([
      'stop metrics',
      'go back to no release of metrics',
    ])
  })

  // Its policy may start it again at any moment, and what is started while it is removed would be nobody's.
  test('of a first release stops the agent also where nothing runs', () => {
    const record = exampleAgent({
      release: NEW,
      releases: { [NEW]: NEW_RELEASE },
      trial: exampleTrial({ from: null, failure: 'no' }),
    })
    expect(planned(delivery(), hostOf({ record }))).toEqual(['stop metrics', 'go back to no release of metrics'])
  })

  test('is no matter of another job', () => {
    const record = { ...failed, trial: exampleTrial({ job: 'another job', failure: 'no' }) }
    expect(planned(order('stop'), hostOf({ record, running: running(NEW) }))).toEqual(['want metrics stopped', 'stop metrics'])
  })

  test.each([
    ['its deadline', { deadline: 1 }],
    ['what it expected', { expect: '0.9.0' }],
    ['its kind of archive', { url: 'http://packages.example/metrics.zip' }],
  ])('is not held up by %s', (_, changes) => {
    const plan = planned(delivery(changes), hostOf({ record: failed, running: running(NEW) }), { begun: false })
    expect(plan).toEqual(['stop metrics', `go back to ${OLD} of metrics`, 'start metrics'])
  })
})

describe('rollback', () => {
  const record = exampleAgent({ release: NEW, previous: OLD, releases: RELEASES })

  test('goes to the release before, watched like any other', () => {
    expect(planned(order('rollback'), hostOf({ record, running: running(NEW) }))).toEqual([
      'wait until metrics is free',
      'stop metrics',
      `make ${OLD} the release of metrics, on trial`,
      'start metrics',
      'watch metrics through its trial',
    ])
  })

  test('goes on watching after a crash, and does not swap the two a second time', () => {
    const trial = exampleTrial({ release: OLD, from: NEW })
    const switched = { ...record, release: OLD, previous: NEW, trial }
    expect(planned(order('rollback'), hostOf({ record: switched, running: running(OLD) }))).toEqual([
      'watch metrics through its trial',
    ])
  })

  // The trial is the note that the switch is made: without it a crash would swap the releases back, and report success.
  test('of an agent that is stopped leaves it stopped, and still notes whose switch it was', () => {
    const stopped = { ...record, wanted: 'stopped' as const }
    expect(planned(order('rollback'), hostOf({ record: stopped }))).toEqual([`make ${OLD} the release of metrics, on trial`])
    const switched = {
      ...stopped,
      release: OLD,
      previous: NEW,
      trial: exampleTrial({ release: OLD, from: NEW, wanted: 'stopped' }),
    }
    expect(planned(order('rollback'), hostOf({ record: switched }))).toEqual([])
  })

  test.each([
    ['a version', '1.0.0'],
    ['a release', OLD],
  ])('goes to %s that is named, whatever came between', (_, to) => {
    const third = '3.0.0-33333333'
    const releases = { ...RELEASES, [third]: exampleRelease({ version: '3.0.0' }) }
    const host = hostOf({ record: exampleAgent({ release: third, previous: NEW, releases }), running: running(third) })
    expect(planned(order('rollback', { to }), host)).toContain(`make ${OLD} the release of metrics, on trial`)
  })

  test('to where it is already is done', () => {
    expect(planned(order('rollback', { to: '2.0.0' }), hostOf({ record, running: running(NEW) }))).toEqual(['success'])
  })

  test('to what is not here is refused, and told what is', () => {
    const plan = planJob(order('rollback', { to: '0.1' }), hostOf({ record, running: running(NEW) }), circumstances())
    expect(plan.end).toEqual({ reason: 'no-previous', message: `metrics has no release 0.1 on this host; here are ${OLD}` })
  })

  test('from one that differs by its limits alone needs no stop', () => {
    const releases = { [NEW]: NEW_RELEASE, [`${NEW}.2`]: { ...NEW_RELEASE, tree: NEW, limits: { memory: '20M' } } }
    const host = hostOf({ record: exampleAgent({ release: `${NEW}.2`, previous: NEW, releases }), running: running(`${NEW}.2`) })
    expect(planned(order('rollback'), host)).toEqual([
      `make ${NEW} the release of metrics, on trial`,
      'hold metrics to its new limits',
      'watch metrics through its trial',
    ])
  })

  test('is refused where there is nothing to go back to', () => {
    expect(planned(order('rollback'), hostOf({ record: exampleAgent() }))).toEqual(['no-previous'])
    expect(planned(order('rollback'), hostOf({ record, installed: new Set([NEW]) }))).toEqual(['no-previous'])
    expect(planned(order('rollback'), hostOf())).toEqual(['agent-missing'])
  })
})

const BEFORE = 'the attempt before'

describe('after a step has failed with no trial to end', () => {
  const nothing = new Set<string>()
  const seen = {
    name: 'metrics',
    installed: nothing,
    trees: nothing,
    fileSets: nothing,
    failed: [],
    directory: true,
    running: undefined,
  }

  test('an agent that was stopped on the way runs again', () => {
    const stopped = exampleExit({ attempt: BEFORE, abnormal: false })
    const record = exampleAgent({ exits: [exampleExit({ attempt: 'an earlier one' }), stopped] })
    expect(planResuming({ ...seen, record }, BEFORE)).toEqual([{ kind: 'start', name: 'metrics' }])
  })

  test.each([
    ['that runs', { record: exampleAgent(), running: running(OLD) }],
    ['that is to be stopped', { record: exampleAgent({ wanted: 'stopped' }) }],
    ['that has no release yet', { record: exampleAgent({ release: null }) }],
    ['that is not here', { record: undefined }],
    ['that was given up', { record: exampleAgent({ fatal: true }) }],
    // When it may start again is for the restart policy to say, whatever became of the job.
    ['that failed by itself meanwhile', { record: exampleAgent({ exits: [exampleExit({ attempt: BEFORE })] }) }],
  ])('an agent %s is left alone', (_, agent) => {
    expect(planResuming({ ...seen, ...agent }, BEFORE)).toEqual([])
  })

  test('an agent that did not run when the job began is left alone', () => {
    expect(planResuming({ ...seen, record: exampleAgent() }, undefined)).toEqual([])
  })
})
