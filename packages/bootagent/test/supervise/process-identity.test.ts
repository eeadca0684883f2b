import { spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { findAlive, isAlive, readStat, startedAt } from '../../src/supervise/process-identity.ts'

test('a process is found by its pid and start time together, and not by its pid alone', () => {
  const own = readStat(process.pid)
  if (own === undefined) throw new Error('we have no stat')
  expect(findAlive(own)).toMatchObject({ pid: process.pid, parent: process.ppid })
  expect(findAlive({ ...own, started: own.started - 1 })).toBeUndefined()
})

test('start times are of the clock that the policy uses', () => {
  const own = readStat(process.pid)
  expect(own && systemClock.uptime() - startedAt(own)).toBeCloseTo(process.uptime(), -1)
})

test('a zombie is not alive, though it takes signals', async () => {
  // The second program never asks how the first one ended.
  const parent = spawn('sh', ['-c', 'sh -c "echo \\$\\$" & exec sleep 1000000'], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    parent.kill('SIGKILL')
  })
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  await whenZombie(pid)
  expect(process.kill(pid, 0)).toBe(true)
  const stat = readStat(pid)
  expect(stat && isAlive(stat)).toBe(false)
  expect(stat && findAlive(stat)).toBeUndefined()
})

async function whenZombie(pid: number): Promise<void> {
  while (readStat(pid)?.state !== 'Z') await new Promise((resolve) => setImmediate(resolve))
}
