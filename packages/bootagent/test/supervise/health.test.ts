import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import type { Health } from '@bootagent/protocol'
import { realClock } from '@bootagent/runtime/testing'
import { expect, test } from 'vitest'
import { changeAgent } from '../../src/state/metafile-schema.ts'
import { agentPaths } from '../../src/state/paths.ts'
import { setStage, type Stage } from './stage.ts'

const READY_FILE: Health = { kind: 'file', startup: 600, period: 0.1, failures: 2 }

test('an agent runs once it was found ready, and not before', async () => {
  const { supervisor, hear, host } = await setHealth(READY_FILE)
  await hear('agent-started')
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'starting', reason: expect.stringContaining('not ready') })
  letItServe(host)
  await running(supervisor)
})

test('an agent that is not ready in its time is killed for it', async () => {
  const { hear, host, metafile, supervisor } = await setHealth({ ...READY_FILE, startup: 0.2 })
  const { exit } = await hear('agent-exited')
  expect(exit).toMatchObject({ cause: 'not-ready', abnormal: true, detail: expect.stringContaining('not ready') })
  await hear('agent-waiting')
  expect(host.processes()).toEqual([])
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'waiting', cause: 'not-ready' })
  expect(metafile.read().agents['metrics']?.strikes).toBe(1)
  expect(metafile.read().events).toMatchObject([{ category: 'agent-killed', extra: { cause: 'not-ready' } }])
})

test('an agent that was ready and fails its checks is killed for it', async () => {
  const { hear, host, supervisor } = await setHealth(READY_FILE)
  letItServe(host)
  await running(supervisor)
  rmSync(`${agentPaths(host.paths, 'metrics').data}/go`)
  const { exit } = await hear('agent-exited')
  expect(exit).toMatchObject({ cause: 'unhealthy', abnormal: true, detail: expect.stringContaining('2 failures in a row') })
})

test('what was found ready stays so through the death of whoever found it', async () => {
  const first = await setHealth({ ...READY_FILE, period: 3600 })
  letItServe(first.host)
  await running(first.supervisor)
  await first.supervisor.service.stop()
  const { supervisor } = await setStage({ agents: {}, after: first })
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'running' })
})

test('an agent that is stopped while it gets ready is stopped, and nothing is held against it', async () => {
  const { supervisor, hear, metafile } = await setHealth({ ...READY_FILE, startup: 0.2 })
  await hear('agent-started')
  expect(await supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
  expect(
    metafile.read().agents['metrics']?.exits.filter(({ cause }) => cause === undefined || cause === 'not-ready'),
  ).toHaveLength(1)
})

// As in the middle of an upgrade: what runs is asked for what its own release says.
test('an agent is not called unready for the health of a release that does not run yet', async () => {
  const { supervisor, hear, metafile } = await setStage({ agents: { metrics: { fixture: 'runs-forever' } }, clock: realClock() })
  await hear('agent-started')
  await metafile.update(
    changeAgent('metrics', (agent) => {
      const [release] = Object.values(agent.releases)
      if (release === undefined) throw new Error('no release')
      return { ...agent, release: '2-b', releases: { ...agent.releases, '2-b': { ...release, health: READY_FILE } } }
    }),
  )
  await supervisor.lookAgain('metrics')
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'running' })
})

function setHealth(health: Health): Promise<Stage> {
  const agents = { metrics: { fixture: 'gets-ready', health, restart: { grace: 5 } } }
  return setStage({ agents, clock: realClock() })
}

function letItServe({ paths }: Stage['host']): void {
  const { data } = agentPaths(paths, 'metrics')
  // Perhaps before the start that would make it.
  mkdirSync(data, { recursive: true })
  writeFileSync(`${data}/go`, '')
}

async function running(supervisor: Stage['supervisor']): Promise<void> {
  const never = new AbortController().signal
  while (supervisor.observe().get('metrics')?.state !== 'running') await supervisor.changed('metrics', never)
}
