import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import process from 'node:process'
import { createFakeClock } from '@bootagent/runtime/testing'
import { type Clock, systemClock } from '@bootagent/runtime'
import { expect, onTestFinished, test } from 'vitest'
import type { LimitsDriver } from '../../src/limits/driver.ts'
import { createNone } from '../../src/limits/none.ts'
import { scanProcesses } from '../../src/supervise/find-processes.ts'
import { readProcess } from '../../src/usage/read-process.ts'
import { createSampler } from '../../src/usage/sampler.ts'
import type { UsageSubject } from '../../src/usage/usage.ts'

const NONE = createNone('a test')

/** A shell in a session of its own, gone with the test and whatever it started; resolves when it has said that it runs. */
async function run(name: string, script: string): Promise<{ subject: UsageSubject; child: ChildProcess }> {
  const child = spawn('/bin/sh', ['-c', `echo runs; ${script}`], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) process.kill(-child.pid, 'SIGKILL')
  })
  await once(child.stdout ?? child, 'data')
  return { subject: { name, attempt: `000001-${name}`, pid: child.pid ?? 0 }, child }
}

const BURN = 'while :; do :; done'
const SLEEP = 'exec sleep 1000'

/** Waits until a process has used a tenth of a second of a processor: for what it did, and not for the time. */
async function untilBurnt(pid: number): Promise<void> {
  const before = readProcess(pid)?.spent ?? 0
  while ((readProcess(pid)?.spent ?? Number.POSITIVE_INFINITY) < before + 0.1) await systemClock.sleep(5)
}

test('an agent that burns uses more than one that sleeps; both have memory and descriptors', async () => {
  const burner = await run('burner', BURN)
  const sleeper = await run('sleeper', SLEEP)
  const sampler = createSampler({ driver: NONE, clock: systemClock })
  const subjects = [burner.subject, sleeper.subject]
  await sampler.sample(subjects)
  const seen = systemClock.uptime()
  await untilBurnt(burner.subject.pid)
  while (systemClock.uptime() < seen + 0.6) await systemClock.sleep(20)
  const usages = await sampler.sample(subjects)
  const [burns, sleeps] = [usages.get('burner'), usages.get('sleeper')]
  expect(burns?.cpu).toBeGreaterThan(sleeps?.cpu ?? Number.POSITIVE_INFINITY)
  for (const usage of [burns, sleeps]) {
    expect(usage?.rss).toBeGreaterThan(0)
    expect(usage?.fds).toBeGreaterThanOrEqual(3)
    expect(usage?.processes).toBe(1)
  }
})

test('the processes an agent started are counted with it, and no stranger is', async () => {
  const parent = await run('parent', 'sleep 1000 & sleep 1000 & wait')
  const stranger = await run('stranger', SLEEP)
  const sampler = createSampler({ driver: NONE, clock: systemClock })
  let usages = await sampler.sample([parent.subject, stranger.subject])
  // Until both are there.
  for (const clock = aheadOf(systemClock); usages.get('parent')?.processes !== 3; ) {
    usages = await createSampler({ driver: NONE, clock }).sample([parent.subject, stranger.subject])
  }
  expect(usages.get('stranger')?.processes).toBe(1)
})

test('what could not be looked at for want of descriptors is not known, and the others are', async () => {
  const [poor, seen] = [await run('poor', SLEEP), await run('seen', SLEEP)]
  const short = Object.assign(new Error('EMFILE: too many open files, open'), { code: 'EMFILE', syscall: 'open' })
  const driver: LimitsDriver = {
    ...NONE,
    tracks: true,
    processes({ agent }) {
      if (agent === 'poor') throw short
      return []
    },
  }
  const usages = await createSampler({ driver, clock: systemClock }).sample([poor.subject, seen.subject])
  expect([...usages.keys()]).toEqual(['seen'])
})

test('a zombie is none of its processes', async () => {
  const { subject } = await run('mother', `true & ${SLEEP}`)
  const zombies = () => scanProcesses().filter(({ parent, state }) => parent === subject.pid && state === 'Z')
  // A sleep waits for no child, so that this one stays.
  while (zombies().length === 0) await systemClock.sleep(5)
  const usages = await createSampler({ driver: NONE, clock: systemClock }).sample([subject])
  expect(usages.get('mother')?.processes).toBe(1)
})

test('an agent that has ended is left out, and so is a stranger who got its pid', async () => {
  const ends = await run('ends', SLEEP)
  const sampler = createSampler({ driver: NONE, clock: systemClock })
  expect((await sampler.sample([ends.subject])).has('ends')).toBe(true)
  ends.child.kill('SIGKILL')
  await once(ends.child, 'exit')
  expect((await sampler.sample([ends.subject])).has('ends')).toBe(false)
  const stranger = await run('stranger', SLEEP)
  expect((await sampler.sample([{ ...ends.subject, pid: stranger.subject.pid }])).has('ends')).toBe(false)
})

test("where the kernel counts for a group, the kernel's figures are told, between two samples that are not too close", async () => {
  const { subject } = await run('grouped', SLEEP)
  let cpuUsec = 0
  const driver: LimitsDriver = {
    ...NONE,
    tracks: true,
    processes: () => [subject.pid],
    reckon: () => ({ cpuUsec, memoryBytes: 4242 }),
  }
  const clock = createFakeClock()
  const sampler = createSampler({ driver, clock })
  await sampler.sample([subject])
  cpuUsec = 5e6
  await clock.advance(100)
  expect((await sampler.sample([subject])).get('grouped')).toMatchObject({ cpu: 0, rss: 4242, processes: 1 })
  await clock.advance(9900)
  expect((await sampler.sample([subject])).get('grouped')?.cpu).toBeCloseTo(50)
})

/** A clock on which no two moments are close: each sample is a new one. */
function aheadOf(clock: Clock): Clock {
  let ahead = 0
  return { ...clock, uptime: () => clock.uptime() + (ahead += 1) }
}
