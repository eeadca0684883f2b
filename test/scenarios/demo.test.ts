import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Program, startProgram } from '../../scripts/demo/program.ts'
import { lookAtProcesses } from '../faults/oracle.ts'

/** Every stage a newcomer is promised to see, in order. */
const STAGES = [
  ...['server', 'registered', 'published', 'job received', 'downloaded', 'verified', 'unpacked'],
  ...['started', 'on trial', 'trial kept', 'reported', 'fleet'],
]

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'demo-test-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

test('the demo goes from nothing to a running agent, shows each stage in order, and leaves nothing', async () => {
  const demo = startDemo('--once')
  const stages: string[] = []
  demo.onLine((line) => stages.push(String(line['stage'])))
  const { fleet } = await demo.line((line) => line['stage'] === 'fleet')
  expect(fleet).toMatchObject({ hosts: [{ agents: [{ name: 'sample-agent', version: '1.0.0', status: 'running' }] }] })
  expect(await demo.ended).toContain('(0)')
  expect(stages.filter((stage) => STAGES.includes(stage))).toEqual(STAGES)
  expect(leftovers()).toEqual([])
})

// Wherever it is, Ctrl-C is answered by an orderly end.
test.each(['server', 'registered', 'started', 'running'])('interrupted once it shows "%s", it leaves nothing', async (stage) => {
  const demo = startDemo()
  await demo.line((line) => line['stage'] === stage)
  process.kill(demo.pid, 'SIGINT')
  expect(await demo.ended).toContain('(0)')
  expect(leftovers()).toEqual([])
})

// It must not pass for an orderly end: whoever watches learns what died, and finds its words.
test('a BootAgent that dies in the middle is told of, ends the demo with 1, and leaves no agent', async () => {
  const demo = startDemo()
  await demo.line((line) => line['stage'] === 'running')
  process.kill(daemonIn(directory), 'SIGKILL')
  expect(await demo.line((line) => line['stage'] === 'failed')).toMatchObject({
    text: expect.stringContaining('bootagent ended (SIGKILL)'),
  })
  expect(await demo.ended).toContain('(1)')
  expect(lookAtProcesses(directory).length).toBe(0)
})

/** The one BootAgent below the directory; throws when it is not there, since signalling a pid that was guessed may hit anyone. */
function daemonIn(home: string): number {
  const found = readdirSync('/proc').find((pid) => {
    const file = `/proc/${pid}/cmdline`
    return /^\d+$/.test(pid) && existsSync(file) && readFileSync(file, 'latin1').includes(`\0--home\0${home}/`)
  })
  if (found === undefined) throw new Error(`no BootAgent runs below ${home}`)
  return Number(found)
}

function startDemo(...args: string[]): Program {
  return startProgram('demo', {
    command: process.execPath,
    args: ['scripts/demo.ts', '--json', ...args],
    cwd: join(import.meta.dirname, '../..'),
    output: `${directory}/demo.log`,
    env: { ...(process.env as Record<string, string>), TMPDIR: directory },
  })
}

/** What is still there of the demo: directories, and agents that run. */
function leftovers(): string[] {
  const directories = readdirSync(directory).filter((name) => name.startsWith('bootagent-demo-'))
  return lookAtProcesses(directory).length === 0 ? directories : [...directories, 'an agent']
}
