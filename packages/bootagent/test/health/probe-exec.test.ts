import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Health } from '@bootagent/protocol'
import { createFakeClock } from '@bootagent/runtime/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createProbe, type ProbeSubject } from '../../src/health/probe.ts'
import { isAlive, readStat } from '../../src/supervise/process-identity.ts'
import { makeFreezer } from '../supervise/freezer.ts'
import { fileThere } from '../supervise/stage.ts'
import { check, makePlace } from './place.ts'

const exec = (exec: string, ...args: string[]): Health => ({ kind: 'exec', exec, args })

test('a program that ends with 0 is a sign of health', async () => {
  expect(await check(exec('well'))).toEqual({ ok: true })
})

test.each([
  [exec('well', '3'), 'the check well ended with exit code 3'],
  [exec('kills-itself', 'SEGV'), 'the check kills-itself was ended by SIGSEGV'],
  [exec('missing'), 'the check missing cannot be started: the program, or what it needs to run, is missing'],
  [exec('no-interpreter'), 'the check no-interpreter cannot be started: the program, or what it needs to run, is missing'],
  [exec('not-executable'), 'the check not-executable cannot be started: the program is not executable'],
  [exec('well', 'a\0b'), 'the check well cannot be started (ERR_INVALID_ARG_VALUE)'],
  [exec('well', 'x'.repeat(200_000)), 'the check well cannot be started (E2BIG)'],
])('%j: what went wrong is said', async (health, why) => {
  expect(await check(health)).toEqual({ ok: false, why })
})

test("it has the agent's directory, environment and nothing of ours", async () => {
  const subject = makePlace()
  const environment = { ...subject.environment, COLOR: 'green' }
  expect(await check(exec('shows', 'one', '$HOME'), { subject: { ...subject, environment } })).toEqual({ ok: true })
  const shown = readFileSync(join(subject.data, 'shown'), 'utf8').trimEnd().split('\n')
  expect(shown).toEqual([
    subject.data,
    'one',
    '$HOME',
    `BOOTAGENT_ATTEMPT=${subject.directory}`,
    'COLOR=green',
    'PATH=/usr/bin:/bin',
    `PWD=${subject.data}`,
  ])
})

test('it is started behind what gives it the rights of the agent', async () => {
  const subject = makePlace(['/usr/bin/env', 'ROLE=agent'])
  await check(exec('shows'), { subject })
  expect(readFileSync(join(subject.data, 'shown'), 'utf8')).toContain('ROLE=agent\n')
})

test('what it writes goes nowhere and does not hold it up, and there is nothing to read', async () => {
  expect(await check(exec('floods'))).toEqual({ ok: true })
})

test('an agent whose directory is gone fails its check, and breaks nothing', async () => {
  const subject = makePlace()
  rmSync(subject.data, { recursive: true })
  expect(await check(exec('well'), { subject })).toMatchObject({ ok: false })
})

// It carries the tag of its attempt, and is ended with that.
test('one that leaves another behind is over when it is over itself', async () => {
  const subject = makePlace()
  expect(await check(exec('forks'), { subject })).toEqual({ ok: true })
  const left = Number(readFileSync(join(subject.data, 'left'), 'utf8'))
  onTestFinished(() => process.kill(left, 'SIGKILL') && undefined)
  expect(readFileSync(`/proc/${left}/environ`, 'utf8').split('\0')).toContain(`BOOTAGENT_ATTEMPT=${subject.directory}`)
})

describe('a check that hangs', () => {
  /** Starts it, and resolves to the numbers of its two processes once both are there. */
  async function hang(subject: ProbeSubject): Promise<number[]> {
    const file = join(subject.data, 'hanging')
    await fileThere(file)
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number)
    onTestFinished(() => pids.filter(isThere).forEach((pid) => process.kill(pid, 'SIGKILL')))
    expect(pids.map(isThere)).toEqual([true, true])
    return pids
  }

  test('is killed, with what it has started, when its time is up', async () => {
    const [subject, clock] = [makePlace(), createFakeClock()]
    const result = check({ ...exec('hangs'), timeout: 2 }, { subject, clock })
    const pids = await hang(subject)
    await clock.advance(1999)
    expect(pids.map(isThere)).toEqual([true, true])
    await clock.advance(1)
    expect(await result).toEqual({ ok: false, why: 'the check hangs took longer than 2 s' })
    await allGone(pids)
  })

  test('is killed when it is called off', async () => {
    const [subject, off] = [makePlace(), new AbortController()]
    const result = check(exec('hangs'), { subject, signal: off.signal })
    const pids = await hang(subject)
    off.abort()
    expect(await result).toMatchObject({ ok: false })
    await allGone(pids)
  })

  test('keeps the next from being started for as long as not even KILL ends it', async ({ skip }) => {
    const freezer = makeFreezer() ?? skip('only a version 1 freezer keeps a process from dying, and there is none to use here')
    onTestFinished(freezer.remove)
    const [subject, clock, signal] = [makePlace(), createFakeClock(), new AbortController().signal]
    const probe = createProbe(clock)
    const first = probe(exec('hangs'), subject, signal)
    const pids = await hang(subject)
    freezer.freeze(pids)
    await clock.advance(5000)
    expect(await first).toEqual({ ok: false, why: 'the check hangs took longer than 5 s' })

    const second = probe(exec('shows'), subject, signal)
    await clock.advance(5000)
    expect(await second).toEqual({ ok: false, why: 'the check shows took longer than 5 s' })
    expect(existsSync(join(subject.data, 'shown'))).toBe(false)

    freezer.thaw()
    expect(await probe(exec('shows'), subject, signal)).toEqual({ ok: true })
    await allGone(pids)
  })
})

function isThere(pid: number): boolean {
  const stat = readStat(pid)
  return stat !== undefined && isAlive(stat)
}

async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some(isThere)) await nextTurn()
}
