import { chmodSync, copyFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { treePath } from '../../src/state/paths.ts'
import { RELEASE, type TestHost } from './host.ts'
import { setStage } from './stage.ts'

const forever = { metrics: { fixture: 'runs-forever' } }

/** Where its program lies in its release. */
function programOf({ paths }: TestHost): string {
  return `${treePath(paths, 'metrics', RELEASE)}/runs-forever`
}

/** Other bytes under the program's name, as a rename puts them there. */
function replace(host: TestHost, bytes: Buffer | string): void {
  const program = programOf(host)
  writeFileSync(`${program}.new`, bytes)
  chmodSync(`${program}.new`, 0o755)
  renameSync(`${program}.new`, program)
}

/** The head of a program for a processor that this host does not have. */
function foreignProgram(): Buffer {
  const head = Buffer.alloc(64)
  head.write('\x7fELF\x02\x01\x01', 'latin1')
  head.writeUInt16LE(process.arch === 's390x' ? 62 : 22, 18)
  return head
}

// F11: a shell would read it as a script and end with anything.
test.each<[what: string, bytes: Buffer | string, why: RegExp]>([
  ['another processor', foreignProgram(), /^the program is made for (s390x|x64), and this host is /],
  ['an interpreter that is not here', '#!/opt/nowhere/python9\n', /^the program is a script of \/opt\/nowhere\/python9, which /],
  ['nobody', '#!\n', /^the program is a script of no interpreter, which /],
])('a program for %s is a failed start that says so', async (_what, bytes, why) => {
  const { supervisor, hear, metafile, host } = await setStage({ agents: forever, before: (each) => replace(each, bytes) })
  const { exit } = await hear('agent-exited')
  expect(exit).toMatchObject({ cause: 'start-failed', detail: expect.stringMatching(why), abnormal: true })
  expect(metafile.read().events).toMatchObject([{ category: 'agent-start-failed', extra: { detail: exit.detail } }])
  expect(await supervisor.start('metrics')).toEqual({ kind: 'failed', why: exit.detail })
  expect(host.processes()).toEqual([])
})

test('a program that is replaced under its agent: that one runs on, and the next start is of the new one', async () => {
  const { supervisor, hear, host, clock } = await setStage({ agents: forever })
  const { pid } = await hear('agent-started')
  // Its shell reads the file as it goes: until it has become what the file says, it would read the new one.
  while (!readFileSync(`/proc/${pid}/cmdline`, 'latin1').startsWith('sleep')) await nextTurn()
  replace(host, '#!/bin/sh\nexit 7\n')
  await clock.jump(60)
  await supervisor.lookAgain('metrics')
  expect(supervisor.observe().get('metrics')).toMatchObject({ state: 'running', pid })
  await supervisor.start('metrics')
  expect(await hear('agent-exited')).toMatchObject({ exit: { signal: 'SIGTERM', abnormal: false } })
  expect(await hear('agent-exited')).toMatchObject({ exit: { code: 7, abnormal: true } })
})

// The file it runs from is gone; the kernel keeps what it has of it.
test('a binary that is replaced while it runs is the same process still, also for the next BootAgent', async () => {
  const binary = (host: TestHost) => copyFileSync('/bin/sleep', programOf(host))
  const agents = { metrics: { fixture: 'runs-forever', args: ['1000000'] } }
  const stage = await setStage({ agents, before: binary })
  const { pid } = await stage.hear('agent-started')
  await stage.supervisor.service.stop()
  replace(stage.host, foreignProgram())
  const next = await setStage({ agents: {}, after: stage })
  expect(await next.hear('agent-adopted')).toMatchObject({ pid })
  expect(await next.supervisor.stop('metrics')).toEqual({ kind: 'stopped' })
  expect(stage.host.processes()).toEqual([])
})
