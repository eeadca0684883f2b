import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import type { Paths } from '../../src/state/paths.ts'
import { program } from '../state/program.ts'
import { createTestedHost, testHost } from './tested-host.ts'

/** Another process that holds a home and its run directory. */
async function hold({ home, run }: Paths): Promise<ChildProcess> {
  const [node, ...args] = program('execute/fixtures/hold-home', home, run)
  const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  expect(said.toString('utf8')).toBe('held\n')
  return child
}

// A BootAgent that runs has the executable that is to follow it tested.
test('a home that is held is a warning with the process that holds it, and the test is a success', async () => {
  const host = createTestedHost({})
  const holder = await hold(host.paths)
  const { code, of } = await testHost(host, '--offline')
  expect(of('lock')[0]).toMatch(new RegExp(`^warn BootAgent runs on this home, as process ${holder.pid};`))
  expect(code).toBe(0)
})

test('a run directory that another home has is a fault', async () => {
  const host = createTestedHost({})
  const holder = await hold({ ...createTestedHost().paths, run: host.paths.run })
  const { code, of } = await testHost(host, '--offline')
  expect(of('lock')).toEqual([
    `FAIL process ${holder.pid} holds ${host.paths.run} for another home; give this one a --run of its own`,
  ])
  expect(code).toBe(1)
})

test('the lock file of a BootAgent that was killed holds nothing', async () => {
  const host = createTestedHost({})
  const holder = await hold(host.paths)
  const gone = once(holder, 'exit')
  holder.kill('SIGKILL')
  await gone
  expect((await testHost(host, '--offline')).of('lock')).toEqual(['ok free: no BootAgent runs on this home'])
})
