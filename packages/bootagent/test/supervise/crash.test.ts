import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { findMetafile } from '../../src/state/metafile.ts'
import type { AgentRecord } from '../../src/state/metafile-schema.ts'
import { agentPaths } from '../../src/state/paths.ts'
import { createHostOf, startDaemon, USERS } from './daemon-process.ts'
import type { TestHost } from './host.ts'
import { fileThere, killAll } from './stage.ts'

const counted = { metrics: { fixture: 'counts-starts' } }

const START_POINTS = ['start:before-attempt', 'start:attempt-made', 'start:spawned', 'start:proven']
const STOP_POINTS = ['stop:before-term', 'stop:termed', 'stop:killed']
const EXIT_POINTS = ['exit:seen', 'exit:recorded']

describe.each(USERS)('as $name', (user) => {
  test('kill -9 of the daemon: every agent is adopted by the next with the process it had', async () => {
    const names = ['one', 'two', 'three']
    const host = createHostOf(user, Object.fromEntries(names.map((name) => [name, { fixture: 'runs-forever' }])))
    const first = await startDaemon(host, user)
    const started = await Promise.all(names.map(() => first.hear('agent-started')))
    await first.kill()
    const next = await startDaemon(host, user)
    const adopted = await Promise.all(names.map(() => next.hear('agent-adopted')))
    expect(processesOf(adopted)).toEqual(processesOf(started))
    expect(next.heard()).toEqual(names.map(() => 'agent-adopted'))
    expect(host.processes()).toHaveLength(2 * names.length)

    // And it is told of their ends as if it had started them.
    process.kill(adopted[0]?.pid ?? 0, 'SIGSEGV')
    expect(await next.hear('agent-exited')).toMatchObject({ name: adopted[0]?.name, exit: { signal: 'SIGSEGV' } })
  })

  test.each(START_POINTS)('killed at %s: the next has one process, and one only', async (point) => {
    const host = createHostOf(user, counted)
    expect(await (await startDaemon(host, user, point)).died()).toBe('SIGKILL')
    const next = await startDaemon(host, user)
    // Killed before the agent was proven, the next may meet it as it starts.
    const { pid } = await Promise.race([next.hear('agent-adopted'), next.hear('agent-started')])
    await firstStart(host)
    expect(starts(host)).toEqual([pid])
    expect(host.processes()).toContain(pid)
    expect(host.processes()).toHaveLength(2)
    expect(await record(host)).toMatchObject({ strikes: 0, exits: [] })

    await next.ask('stop metrics')
    expect(host.processes()).toEqual([])
  })

  test.each([...STOP_POINTS, ...EXIT_POINTS])(
    'killed at %s of a stop: the next completes it, and it is no strike',
    async (point) => {
      const host = createHostOf(user, counted)
      const first = await startDaemon(host, user, point)
      await first.hear('agent-started')
      await first.ask('unwant metrics')
      await first.ask('stop metrics')
      expect(await first.died()).toBe('SIGKILL')
      const next = await startDaemon(host, user)
      // Its turn comes after all that the first look has asked for.
      await next.ask('stop metrics')
      expect(host.processes()).toEqual([])
      expect(await record(host)).toMatchObject({ strikes: 0, exits: [{ signal: 'SIGTERM', abnormal: false }] })
    },
  )

  test.each(STOP_POINTS)('killed at %s of a restart: the next completes the stop before it starts', async (point) => {
    const host = createHostOf(user, counted)
    const first = await startDaemon(host, user, point)
    const { pid } = await first.hear('agent-started')
    await first.ask('start metrics')
    expect(await first.died()).toBe('SIGKILL')
    const next = await startDaemon(host, user)
    const again = await next.hear('agent-started')
    expect(host.processes()).not.toContain(pid)
    expect(host.processes()).toHaveLength(2)
    expect(host.processes()).toContain(again.pid)
    expect(await record(host)).toMatchObject({ strikes: 0, exits: [{ abnormal: false }] })
  })

  test.each(EXIT_POINTS)('killed at %s of a crash: it is on record once, and one strike', async (point) => {
    const host = createHostOf(user, counted)
    const first = await startDaemon(host, user, point)
    const { pid, attempt } = await first.hear('agent-started')
    await firstStart(host)
    process.kill(pid, 'SIGSEGV')
    expect(await first.died()).toBe('SIGKILL')
    const next = await startDaemon(host, user)
    if (point === 'exit:seen') await next.hear('agent-exited')
    await next.ask('unwant metrics')
    const { strikes, exits } = await record(host)
    expect([strikes, exits]).toEqual([1, [expect.objectContaining({ attempt, signal: 'SIGSEGV', abnormal: true })]])
    expect(starts(host)).toEqual([pid])
  })

  test('killed once an agent is condemned: the next ends it, and its failure has the cause it was condemned for', async () => {
    const health = { kind: 'file', startup: 0.1, period: 0.1, failures: 1 } as const
    const host = createHostOf(user, { metrics: { fixture: 'gets-ready', health } })
    const first = await startDaemon(host, user, 'condemn:marked')
    const { attempt } = await first.hear('agent-started')
    expect(await first.died()).toBe('SIGKILL')
    const next = await startDaemon(host, user)
    expect(await next.hear('agent-exited')).toMatchObject({ exit: { attempt, cause: 'not-ready', abnormal: true } })
    await next.hear('agent-waiting')
    expect(host.processes()).toEqual([])
    expect(await record(host)).toMatchObject({ strikes: 1, exits: [{ attempt, cause: 'not-ready' }] })
  })

  test('an exit that nobody was there to see is learned all the same, with how and when', async () => {
    const host = createHostOf(user, counted)
    const first = await startDaemon(host, user)
    const { pid } = await first.hear('agent-started')
    await first.kill()
    process.kill(pid, 'SIGSEGV')
    await gone(host)
    const next = await startDaemon(host, user)
    const { exit } = await next.hear('agent-exited')
    expect(exit).toMatchObject({ signal: 'SIGSEGV', abnormal: true })
    expect((await next.hear('agent-waiting')).until).toBeGreaterThanOrEqual(exit.at + 180)
  })

  test('a daemon that is asked to end leaves its agents running', async () => {
    const host = createHostOf(user, counted)
    const first = await startDaemon(host, user)
    const { pid } = await first.hear('agent-started')
    await first.end()
    expect(await first.died()).toBe(null)
    expect(host.processes()).toContain(pid)
    expect(host.processes()).toHaveLength(2)
  })

  test.each([
    ["its pid was the agent's once", withOtherStart],
    ['the record was made to name it, start time and all', (stat: string) => stat],
  ])('a stranger that an attempt names is never signalled: %s', async (_why, forge) => {
    const host = createHostOf(user, counted)
    const first = await startDaemon(host, user)
    const { attempt } = await first.hear('agent-started')
    await first.kill()
    await killAll(host)
    const directory = `${agentPaths(host.paths, 'metrics').attempts}/${attempt}`
    const stranger = startStranger(user.uid)
    writeFileSync(`${directory}/stat`, forge(readFileSync(`/proc/${stranger.pid}/stat`, 'latin1')))

    const next = await startDaemon(host, user)
    const { exit } = await next.hear('agent-exited')
    expect([exit.code, exit.signal, exit.abnormal]).toEqual([undefined, undefined, true])
    await next.ask('start metrics')
    await next.ask('stop metrics')
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null])
    expect(existsSync(`/proc/${stranger.pid}`)).toBe(true)
  })

  test('an attempt of another boot is dead by definition: no exit, no strike, and it is swept', async () => {
    const host = createHostOf(user, counted)
    const first = await startDaemon(host, user)
    const { attempt } = await first.hear('agent-started')
    await first.kill()
    await killAll(host)
    const { attempts } = agentPaths(host.paths, 'metrics')
    writeFileSync(`${attempts}/${attempt}/boot`, 'another-boot\n')
    const next = await startDaemon(host, user)
    const again = await next.hear('agent-started')
    expect(await record(host)).toMatchObject({ strikes: 0, exits: [] })
    expect(readdirSync(attempts)).toEqual([again.attempt])
  })
})

function processesOf(happenings: readonly { readonly name: string; readonly pid: number }[]): Record<string, number> {
  return Object.fromEntries(happenings.map(({ name, pid }) => [name, pid]))
}

/** Written by the agent itself: what ran, whatever anybody thinks did. */
function startsFile(host: TestHost): string {
  return `${agentPaths(host.paths, 'metrics').data}/starts`
}

/** Resolves when the program has said that it was started: it is proven to run a little earlier. */
async function firstStart(host: TestHost): Promise<void> {
  await fileThere(startsFile(host))
  while (starts(host).length === 0) await nextTurn()
}

function starts(host: TestHost): number[] {
  return Array.from(readFileSync(startsFile(host), 'utf8').matchAll(/^started (\d+)$/gm), ([, pid]) => Number(pid))
}

async function record(host: TestHost): Promise<AgentRecord> {
  const found = await findMetafile(host.paths)
  const agent = found.kind === 'ok' ? found.metafile.agents['metrics'] : undefined
  if (agent === undefined) throw new Error(`the metafile is ${found.kind}`)
  return agent
}

async function gone(host: TestHost): Promise<void> {
  while (host.processes().length > 0) await nextTurn()
}

/** Somebody else's process of the same user. */
function startStranger(uid: number) {
  const stranger = spawn('sleep', ['1000000'], { stdio: 'ignore', ...(process.getuid?.() === 0 ? { uid, gid: uid } : {}) })
  onTestFinished(() => {
    stranger.kill('SIGKILL')
  })
  return stranger
}

/** The line as the pid's holder before would have left it: started a tick earlier. */
function withOtherStart(stat: string): string {
  const end = stat.lastIndexOf(')')
  const fields = stat.slice(end + 2).split(' ')
  fields[19] = String(Number(fields[19]) - 1)
  return `${stat.slice(0, end + 2)}${fields.join(' ')}`
}
