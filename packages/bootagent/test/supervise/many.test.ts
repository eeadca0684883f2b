import { expect, test } from 'vitest'
import { setStage } from './stage.ts'

const COUNT = 200
const NAMES = Array.from({ length: COUNT }, (_, n) => `agent-${n}`)

// F12: one start in two hundred that is lost, or made twice, is one no test of three agents sees.
test('of 200 agents that start at once none is lost and none is doubled, and the next BootAgent has them all', async () => {
  const stage = await setStage({ agents: Object.fromEntries(NAMES.map((name) => [name, { fixture: 'runs-forever' }])) })
  const started = await Promise.all(NAMES.map(() => stage.hear('agent-started')))
  const pids = new Map(started.map(({ name, pid }) => [name, pid]))
  expect([...pids.keys()].toSorted()).toEqual(NAMES.toSorted())
  expect(new Set(pids.values()).size).toBe(COUNT)
  // Each with its shim.
  expect(stage.host.processes()).toHaveLength(2 * COUNT)
  await stage.supervisor.service.stop()

  const next = await setStage({ agents: {}, after: stage })
  const adopted = await Promise.all(NAMES.map(() => next.hear('agent-adopted')))
  expect(new Map(adopted.map(({ name, pid }) => [name, pid]))).toEqual(pids)
  expect(stage.host.processes()).toHaveLength(2 * COUNT)
  expect([...next.supervisor.observe().values()].map(({ state }) => state)).toEqual(NAMES.map(() => 'running'))
})
