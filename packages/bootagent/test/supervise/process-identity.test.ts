import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { systemClock } from '@bootagent/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { findAlive, isAlive, readBootId, readStat, startedAt } from '../../src/supervise/process-identity.ts'

const CONTAINER = ['--pid', '--fork', '--mount-proc']

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

// With `docker restart` the host's boot is the same, and every process is gone: four of those must not give an agent up.
test.skipIf(!canBeFirst())('a container that is started again is another boot, and the same one for as long as it runs', () => {
  const [first, second] = [bootIdsInside(), bootIdsInside()]
  expect(first[0]).toBe(first[1])
  expect(first[0]).not.toBe(second[0])
  expect([...first, ...second]).not.toContain(readBootId())
})

/** What two BootAgents of one container say, one after the other. */
function bootIdsInside(): string[] {
  const module = new URL('../../src/supervise/process-identity.ts', import.meta.url).href
  const say = `console.log((await import('${module}')).readBootId())`
  const story = '"$0" --input-type=module -e "$1"; "$0" --input-type=module -e "$1"'
  const said = execFileSync('unshare', [...CONTAINER, 'sh', '-c', story, process.execPath, say], { encoding: 'utf8' })
  return said.trim().split('\n')
}

/** It takes root, and a kernel that has been up for a while. */
function canBeFirst(): boolean {
  return systemClock.uptime() > 200 && spawnSync('unshare', [...CONTAINER, 'true']).status === 0
}

async function whenZombie(pid: number): Promise<void> {
  while (readStat(pid)?.state !== 'Z') await new Promise((resolve) => setImmediate(resolve))
}
