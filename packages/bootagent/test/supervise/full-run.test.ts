import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { realClock } from '@bootagent/runtime/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { agentPaths } from '../../src/state/paths.ts'
import { setStage, type Stage } from './stage.ts'

// An agent can fill it: its ready file lies there.
describe.skipIf(!canMount())('with no room left in the run directory', () => {
  test('an agent is stopped, and its end counts as asked for', async () => {
    const { supervisor, metafile, hear } = await setFull()
    expect(await supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
    expect(await hear('agent-exited')).toMatchObject({ exit: { abnormal: false } })
    expect(metafile.read().agents['metrics']?.strikes).toBe(0)
  })

  test('an agent that may not go on is ended, and why is known', async () => {
    const { supervisor, hear, attempt } = await setFull()
    supervisor.condemn('metrics', attempt, { cause: 'over-limit', detail: '21 MB of 20 MB' })
    expect(await hear('agent-exited')).toMatchObject({ exit: { cause: 'over-limit', detail: '21 MB of 20 MB' } })
  })
})

// Whoever condemns does so once: a health watch is over with its verdict.
test('a condemned agent whose mark was refused is ended by a later look', async () => {
  const { supervisor, hear, host } = await setStage({ agents: AGENTS, clock: realClock() })
  const { attempt } = await hear('agent-started')
  const inTheWay = `${agentPaths(host.paths, 'metrics').attempts}/${attempt}/.stop`
  rmSync(inTheWay)
  mkdirSync(inTheWay)
  supervisor.condemn('metrics', attempt, { cause: 'unhealthy', detail: 'it failed' })
  await supervisor.lookAgain('metrics')
  rmSync(inTheWay, { recursive: true })
  await supervisor.lookAgain('metrics')
  expect(await hear('agent-exited')).toMatchObject({ exit: { cause: 'unhealthy' } })
})

const AGENTS = { metrics: { fixture: 'runs-forever', restart: { grace: 5 } } }

async function setFull(): Promise<Stage & { attempt: string }> {
  const stage = await setStage({
    agents: AGENTS,
    clock: realClock(),
    before: ({ paths }) => mountAt(paths.run),
  })
  // Last registered, first done: what is mounted cannot be cleared away.
  onTestFinished(() => void execFileSync('umount', ['-l', stage.host.paths.run]))
  const { attempt } = await stage.hear('agent-started')
  const { bavail, bsize } = statfsSync(stage.host.paths.run)
  writeFileSync(`${stage.host.paths.run}/somebody-elses`, Buffer.alloc(bavail * bsize))
  expect(() => writeFileSync(`${stage.host.paths.run}/more`, 'x')).toThrow('ENOSPC')
  return { ...stage, attempt }
}

function mountAt(directory: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', directory], { stdio: 'ignore' })
}

/** Mounting takes root, and a container may forbid it even then. */
function canMount(): boolean {
  const directory = execFileSync('mktemp', ['-d'], { encoding: 'utf8' }).trim()
  try {
    mountAt(directory)
    execFileSync('umount', [directory])
    return true
  } catch (error) {
    if ((error as { status?: number }).status === undefined) throw error
    return false
  } finally {
    rmSync(directory, { recursive: true })
  }
}
