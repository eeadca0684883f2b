import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createHostOf, startDaemon } from './daemon-process.ts'

const ROOT = { name: 'root', uid: 0 }
const GROUP = `/sys/fs/cgroup/memory/bootagent-test-${process.pid}`

// F10: the shim of an agent is in BootAgent's own group, and BootAgent the largest in it.
test('BootAgent itself killed by the kernel for its memory: its agents run on, and the next one adopts them', async ({
  skip,
}) => {
  if (!mayMakeGroup()) skip('this host has no memory controller of v1, or it is not ours')
  onTestFinished(removeGroup)
  const host = createHostOf(ROOT, { metrics: { fixture: 'runs-forever', record: { wanted: 'stopped' } } })
  const first = await startDaemon(host, ROOT)
  writeFileSync(`${GROUP}/cgroup.procs`, String(first.pid))
  await first.ask('start metrics')
  const { pid } = await first.hear('agent-started')
  expect(readFileSync(`${GROUP}/cgroup.procs`, 'latin1').trim().split('\n')).toHaveLength(2)
  writeFileSync(`${GROUP}/memory.limit_in_bytes`, String(32 * 1024 ** 2))
  await first.ask('eat')
  expect(await first.died()).toBe('SIGKILL')
  expect(readFileSync(`${GROUP}/memory.oom_control`, 'latin1')).toMatch(/^oom_kill 1$/m)

  const next = await startDaemon(host, ROOT)
  expect(await next.hear('agent-adopted')).toMatchObject({ pid })
  expect(host.processes()).toHaveLength(2)
  process.kill(pid, 'SIGSEGV')
  expect(await next.hear('agent-exited')).toMatchObject({ exit: { signal: 'SIGSEGV' } })
})

function mayMakeGroup(): boolean {
  try {
    mkdirSync(GROUP)
    return true
  } catch (error) {
    if (!['ENOENT', 'EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error
    return false
  }
}

/** Its processes are dead, and the kernel takes a moment to believe it. */
async function removeGroup(): Promise<void> {
  while (readFileSync(`${GROUP}/cgroup.procs`, 'latin1') !== '') await pause(20)
  rmdirSync(GROUP)
}
