import { expect, test } from 'vitest'
import { exampleAgent, exampleMetafile, exampleTrial, NEW, OLD, RELEASES } from '../../test/scenes/example-metafile.ts'
import type { AgentRecord } from '../state/metafile-schema.ts'
import { tellRollback } from './tell-rollback.ts'

const NOW = 1_700_000_000
const WHY = `${NEW} failed its trial: it exited with code 3 after 12 s`
const BACK = exampleAgent({ releases: RELEASES, trial: exampleTrial({ failure: WHY }) })

function told(agent: AgentRecord, more: { key?: string; name?: string } = {}) {
  const before = exampleMetafile({ agents: { metrics: agent } })
  return tellRollback({ key: 'the job', name: 'metrics', now: NOW, ...more })(before).events
}

test('a release that failed its trial is told with where the host went back to, and why', () => {
  expect(told(BACK)).toMatchObject([
    {
      timestamp: NOW,
      category: 'agent-rolled-back',
      subject: 'metrics',
      message: `metrics is back at ${OLD}: ${WHY}`,
      extra: { job: 'the job', from: NEW, to: OLD },
    },
  ])
})

test('a first release that failed leaves nothing, and that is told', () => {
  const agent = exampleAgent({ release: null, trial: exampleTrial({ from: null, failure: WHY }) })
  expect(told(agent)[0]?.message).toBe(`metrics is gone again: ${WHY}`)
})

test.each<[what: string, agent: AgentRecord, more: { key?: string; name?: string }]>([
  ['a trial that was passed', exampleAgent({ release: NEW, releases: RELEASES, trial: exampleTrial() }), {}],
  ['an agent without a trial', exampleAgent(), {}],
  ["another job's trial", BACK, { key: 'another job' }],
  ['an agent that is not there', BACK, { name: 'logs' }],
  // The result says that going back failed: the host is not back.
  ['a way back that failed', exampleAgent({ release: NEW, releases: RELEASES, trial: exampleTrial({ failure: WHY }) }), {}],
])('%s tells of no rollback', (_, agent, more) => {
  expect(told(agent, more)).toEqual([])
})
