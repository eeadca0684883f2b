import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { expect, onTestFinished, test } from 'vitest'
import { busyVariables, findBusy } from '../../src/supervise/busy.ts'

/** The directory of an attempt. */
function attempt(): string {
  const directory = mkdtempSync(`${tmpdir()}/bootagent-busy-`)
  onTestFinished(() => rmSync(directory, { recursive: true }))
  mkdirSync(`${directory}/own`)
  return directory
}

test('an agent that says nothing is free', () => {
  expect(findBusy(attempt())).toBeUndefined()
})

test('an agent is busy while its file is there', () => {
  const directory = attempt()
  const file = busyVariables(directory)['BOOTAGENT_BUSY_FILE'] ?? ''
  writeFileSync(file, '')
  expect(findBusy(directory)).toBe(`its file ${file} is there`)
  rmSync(file)
  expect(findBusy(directory)).toBeUndefined()
})

test.each([
  ['flock', ['flock', 'LOCK', 'sh', '-c', 'echo held; cat']],
  [
    'fcntl',
    ['perl', '-e', 'open F,">","LOCK" or die;$l=pack("s s l! l! i",1,0,0,0,0);fcntl(F,6,$l) or die;$|=1;print "held\\n";<STDIN>'],
  ],
])(
  'an agent is busy while a process holds a lock by %s, and free when that process is killed',
  async (_, [program = '', ...args]) => {
    const directory = attempt()
    const lock = busyVariables(directory)['BOOTAGENT_BUSY_LOCK'] ?? ''
    writeFileSync(lock, '')
    expect(findBusy(directory)).toBeUndefined()
    const holder = spawn(
      program,
      args.map((arg) => arg.replace('LOCK', lock)),
      { stdio: ['pipe', 'pipe', 'inherit'], detached: true },
    )
    await once(holder.stdout, 'data')
    expect(findBusy(directory)).toMatch(new RegExp(`^process \\d+ holds a lock on ${lock}$`))
    process.kill(-(holder.pid ?? 0), 'SIGKILL')
    await once(holder, 'close')
    expect(findBusy(directory)).toBeUndefined()
  },
)
