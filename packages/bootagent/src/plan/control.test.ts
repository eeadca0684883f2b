import { describe, expect, test } from 'vitest'
import { exampleAgent, NEW, OLD } from '../../test/scenes/example-metafile.ts'
import { circumstances, hostOf, order, planned, running } from '../../test/scenes/host-of.ts'
import { planJob } from './plan.ts'

const RUNNING = hostOf({ record: exampleAgent(), running: running(OLD) })
const RESTING = hostOf({ record: exampleAgent() })
const STOPPED = hostOf({ record: exampleAgent({ wanted: 'stopped' }) })

describe.each(['start', 'stop', 'restart', 'reset'] as const)('%s', (action) => {
  test('is refused for an agent that is not here', () => {
    expect(planned(order(action), hostOf())).toEqual(['agent-missing'])
  })

  test('is refused for an agent of which a first install is under way', () => {
    expect(planned(order(action), hostOf({ record: exampleAgent({ release: null }) }))).toEqual(['agent-missing'])
  })

  test('tells the operator what it has come to', () => {
    expect(planJob(order(action), RUNNING, circumstances())).toMatchObject({
      end: { reason: 'success', message: expect.stringContaining('metrics') },
    })
  })
})

describe('start', () => {
  test('starts what does not run', () => {
    expect(planned(order('start'), STOPPED)).toEqual(['want metrics running', 'start metrics'])
    expect(planned(order('start'), RESTING)).toEqual(['want metrics running', 'start metrics'])
  })

  test('forgives what runs, and does not start it again', () => {
    expect(planned(order('start'), RUNNING)).toEqual(['want metrics running'])
  })
})

// Wanted stopped first: should we die after the stop, nothing may start it again.
test('stop notes the wish before it ends the process', () => {
  expect(planned(order('stop'), RUNNING)).toEqual(['want metrics stopped', 'stop metrics'])
})

test('stop looks for processes also where none is seen', () => {
  expect(planned(order('stop'), STOPPED)).toEqual(['want metrics stopped', 'stop metrics'])
})

describe('restart', () => {
  const RESTART = ['want metrics running', 'stop metrics', 'start metrics']

  test('ends the process that ran when the job came, and starts another', () => {
    expect(planned(order('restart'), RUNNING, { before: 'the attempt before' })).toEqual(RESTART)
  })

  test('that has happened is not done twice: another process runs than when the job came', () => {
    const host = hostOf({ record: exampleAgent(), running: running(OLD, 'another attempt') })
    expect(planned(order('restart'), host, { before: 'the attempt before' })).toEqual([])
  })

  test('that has begun is finished: nothing runs', () => {
    expect(planned(order('restart'), RESTING, { before: 'the attempt before' })).toEqual(RESTART)
  })

  test('of an agent that was stopped starts it, once', () => {
    expect(planned(order('restart'), STOPPED)).toEqual(RESTART)
    expect(planned(order('restart'), RUNNING)).toEqual([])
  })
})

describe('reset', () => {
  test('forgives an agent that was given up, and starts it', () => {
    expect(planned(order('reset'), hostOf({ record: exampleAgent({ fatal: true, strikes: 4 }) }))).toEqual([
      'want metrics running',
      'start metrics',
    ])
  })

  test('forgives an agent that runs, and leaves it running', () => {
    expect(planned(order('reset'), RUNNING)).toEqual(['want metrics running'])
  })

  test('does not start an agent that is to be stopped', () => {
    expect(planned(order('reset'), STOPPED)).toEqual([])
  })
})

test('a job about a release on trial of another job leaves the trial alone', () => {
  const record = exampleAgent({ release: NEW })
  expect(planned(order('start'), hostOf({ record, running: running(NEW) }))).toEqual(['want metrics running'])
})
