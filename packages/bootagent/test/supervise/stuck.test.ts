import { realClock } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test } from 'vitest'
import { makeFreezer } from './freezer.ts'
import { setStage } from './stage.ts'

// As with a disk that no longer answers: KILL is taken, and nothing happens.
test('what KILL does not end is reported, and nothing is started beside it', async ({ skip }) => {
  const freezer = makeFreezer() ?? skip('only a version 1 freezer keeps a process from dying, and there is none to use here')
  const agents = { metrics: { fixture: 'runs-forever', restart: { grace: 0 } } }
  const { supervisor, hear, host } = await setStage({ agents, clock: realClock() })
  // Last registered, first done: nothing can be cleared away before.
  onTestFinished(freezer.remove)
  const { pid } = await hear('agent-started')
  freezer.freeze([pid])
  expect(await supervisor.stop('metrics')).toMatchObject({ kind: 'stuck', pids: [pid] })
  expect(await hear('agent-stuck')).toMatchObject({ pids: [pid] })
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'stopping', pid })

  const again = await supervisor.start('metrics')
  expect(again).toMatchObject({ kind: 'failed', why: expect.stringContaining('still there after KILL') })
  expect(host.processes()).toHaveLength(2)

  freezer.thaw()
  expect(await supervisor.start('metrics')).toMatchObject({ kind: 'running' })
  expect(host.processes()).not.toContain(pid)
  expect(host.processes()).toHaveLength(2)
})
