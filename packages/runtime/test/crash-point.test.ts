import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { runProgram } from '../src/testing/run-program.ts'
import { program } from './program.ts'

const STORY = program('pass-points', 'before', 'after', 'before', 'after')

test('without the variable a crash point does nothing', async () => {
  expect(await runProgram(STORY)).toMatchObject({ code: 0, stdout: 'before after before after ' })
})

test.each([
  ['before', ''],
  ['after', 'before '],
  ['after#1', 'before '],
  ['before#2', 'before after '],
  ['after#2', 'before after before '],
])('with %j the process is killed there, having done no more than %j', async (point, done) => {
  const ending = await runProgram(STORY, { BOOTAGENT_CRASH_AT: point })
  expect(ending).toMatchObject({ code: null, signal: 'SIGKILL', stdout: done })
})

test.each(['before#3', 'elsewhere', 'befor', 'before#x'])(
  'with %j, a point that is not reached, the process lives',
  async (point) => {
    expect(await runProgram(STORY, { BOOTAGENT_CRASH_AT: point })).toMatchObject({ code: 0, signal: null })
  },
)

test('at the place where it is to stand still it does, until it is told to go on', async () => {
  const [command, ...args] = STORY
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, BOOTAGENT_STOP_AT: 'after' },
  })
  const said = text(child.stdout)
  while (!/\) T /.test(readFileSync(`/proc/${child.pid}/stat`, 'latin1'))) await nextTurn()
  child.kill('SIGCONT')
  expect(await said).toBe('before after before after ')
})
