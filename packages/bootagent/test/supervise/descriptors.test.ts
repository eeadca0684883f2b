import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { HostEvent } from '@bootagent/protocol'
import * as v from 'valibot'
import { expect, onTestFinished, test } from 'vitest'
import { agentPaths } from '../../src/state/paths.ts'
import { createHostOf } from './daemon-process.ts'
import { setStage } from './stage.ts'

const forever = { metrics: { fixture: 'runs-forever' } }

/** The descriptors of a process, by what they lead to. */
function descriptorsOf(pid: number): Record<string, string> {
  const directory = `/proc/${pid}/fd`
  return Object.fromEntries(readdirSync(directory).map((fd) => [fd, readlinkSync(`${directory}/${fd}`)]))
}

// F9: a pipe in an agent's hands keeps whoever reads it waiting for as long as the agent runs.
test('an agent has its three descriptors and no other: none of BootAgent, and none of whoever started that', async () => {
  const host = createHostOf({ name: 'whoever this is', uid: process.getuid?.() ?? 0 }, forever)
  const daemon = new URL('./daemon.ts', import.meta.url).pathname
  // Given low and high, side by side and with gaps: Node looks after the low ones only.
  const given = openSync('/dev/zero', 'r')
  onTestFinished(() => closeSync(given))
  const stdio = Array.from({ length: 101 }, (_, fd) => ([5, 9, 30, 100].includes(fd) ? given : 'ignore'))
  const child = spawn(process.execPath, [daemon, host.paths.home, host.paths.run], {
    stdio: ['pipe', 'pipe', 'inherit', ...stdio.slice(3)],
  })
  const exited = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await exited
  })
  if (child.stdout === null) throw new Error('the daemon has no stdout')
  for await (const line of createInterface(child.stdout)) if (line.includes('"agent-started"')) break
  const { output } = agentPaths(host.paths, 'metrics')
  const own = { 0: '/dev/null', 1: output, 2: output }
  // The agent and its shim.
  expect(host.processes().map(descriptorsOf)).toEqual([own, own])
})

test('an agent that closes all it was given is kept like any other', async () => {
  const stage = await setStage({ agents: { metrics: { fixture: 'closes-all' } } })
  const { pid } = await stage.hear('agent-started')
  // What this test was given by whoever started it is none of what it closes.
  while (['0', '1', '2'].some((fd) => fd in descriptorsOf(pid))) await nextTurn()
  await stage.supervisor.service.stop()
  const next = await setStage({ agents: {}, after: stage })
  expect(await next.hear('agent-adopted')).toMatchObject({ pid })
  process.kill(pid, 'SIGSEGV')
  expect(await next.hear('agent-exited')).toMatchObject({ exit: { signal: 'SIGSEGV', cause: 'signal' } })
})

// F8: its log belongs to the agent, to the byte; what we tell of it belongs to whoever reads it.
test('an agent may write any bytes: its log has them as they are, and its event none that a terminal or a server would mind', async () => {
  const { hear, host, metafile } = await setStage({ agents: { metrics: { fixture: 'writes-bytes' } } })
  await hear('agent-waiting')
  expect(readFileSync(agentPaths(host.paths, 'metrics').output, 'latin1')).toBe(
    '\x00\xff\xfe\x1b[2J\r\x1b]0;title\x07\n\x80\xc3\nlast words',
  )
  const [event] = metafile.read().events
  expect(v.is(HostEvent, event)).toBe(true)
  expect(event?.extra?.['tail']).toEqual(expect.arrayContaining(['last words']))
  expect(JSON.stringify(event?.extra)).not.toMatch(/\\u00[01]|\\u007f/)
})
