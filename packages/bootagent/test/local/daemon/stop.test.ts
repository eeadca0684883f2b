import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { describe, expect, onTestFinished, test } from 'vitest'
import { endDaemon } from '../../../src/local/daemon/end-daemon.ts'
import { findGuard } from '../../../src/local/daemon/find-guard.ts'
import { findLockHolder } from '../../../src/local/lock-holder.ts'
import type { Paths } from '../../../src/state/paths.ts'
import { program } from '../../state/program.ts'
import { createKeptHost, lives, stranger, until } from './kept-host.ts'

const RUNS = { fixture: 'runs-forever' }

test('stop ends BootAgent and its guard, leaves the home free, and the agents running', async () => {
  const host = createKeptHost({ metrics: RUNS })
  await host.start()
  await until(async () => lives((await host.agents())['metrics']))
  const [{ pid, guard }, { metrics }] = [await host.daemon(), await host.agents()]
  expect(await host.type('stop')).toEqual({
    code: 0,
    data: `bootagent was stopped: process ${pid}; its agents go on\n`,
    talk: '',
  })
  expect([lives(pid), lives(guard), lives(metrics)]).toEqual([false, false, true])
  expect([findLockHolder(host.paths.lock), existsSync(host.pidFile)]).toEqual([undefined, false])
  expect(await host.type('stop')).toMatchObject({ code: 0, data: `bootagent does not run on ${host.paths.home}\n` })
})

test('with --drain agents are stopped first, and run again with the next start, as if nothing had been', async () => {
  const host = createKeptHost({
    metrics: RUNS,
    shipper: { fixture: 'ignores-term', restart: { grace: 0.3 } },
    off: { ...RUNS, record: { wanted: 'stopped' } },
  })
  await host.start()
  await until(async () => Object.values(await host.agents()).filter(lives).length === 2)
  const [{ pid }, agents] = [await host.daemon(), await host.agents()]
  expect(await host.type('stop', '--drain')).toMatchObject({
    code: 0,
    data: `bootagent was stopped: process ${pid}; agents stopped: 2\n`,
  })
  expect(Object.values(agents).filter(lives)).toEqual([])
  expect(host.processes()).toEqual([])

  await host.start()
  await until(async () => Object.values(await host.agents()).filter(lives).length === 2)
  const { agents: after } = await host.status()
  expect(after.map(({ name, wanted, strikes }) => [name, wanted, strikes])).toEqual([
    ['metrics', 'running', 0],
    ['shipper', 'running', 0],
    ['off', 'stopped', 0],
  ])
})

test('an agent is named or all are drained, and not both', async () => {
  expect(await createKeptHost({}).type('stop', 'metrics', '--drain')).toMatchObject({ code: 2, data: '' })
})

describe('a pid file', () => {
  test('that names a stranger has nobody signalled, and is removed once it is proven to be stale', async () => {
    const host = createKeptHost({})
    const pid = stranger()
    writeFileSync(host.pidFile, `${pid}\n`)
    const { code, talk } = await host.type('stop')
    expect(code).toBe(0)
    expect(talk).toContain(`${host.pidFile} names process ${pid}, which does not hold this home`)
    expect([lives(pid), existsSync(host.pidFile)]).toEqual([true, false])
  })

  test('that names a stranger while BootAgent runs changes nothing about who is stopped', async () => {
    const host = createKeptHost({})
    await host.start()
    const [{ pid }, other] = [await host.daemon(), stranger()]
    writeFileSync(host.pidFile, `${other}\n`)
    expect(await host.type('stop')).toMatchObject({ code: 0, data: `bootagent was stopped: process ${pid}; its agents go on\n` })
    expect([lives(pid), lives(other)]).toEqual([false, true])
  })

  test('that is gone changes nothing either', async () => {
    const host = createKeptHost({})
    await host.start()
    const { pid } = await host.daemon()
    rmSync(host.pidFile)
    expect((await host.type('stop')).code).toBe(0)
    expect(lives(pid)).toBe(false)
  })
})

describe('a BootAgent that gives no answer', () => {
  // A stopped process takes connections and never says a word.
  test('is stopped with its guard when it is proven to hold the home', async () => {
    const host = createKeptHost({ metrics: RUNS })
    await host.start()
    await until(async () => lives((await host.agents())['metrics']))
    const [{ pid, guard }, { metrics }] = [await host.daemon(), await host.agents()]
    process.kill(pid, 'SIGSTOP')
    const { code, talk } = await host.type('stop')
    expect(code).toBe(0)
    expect(talk).toContain(`process ${pid} holds ${host.paths.home}, and gives no answer`)
    expect([lives(pid), lives(guard), lives(metrics)]).toEqual([false, false, true])
    expect(findGuard(host.paths.home)).toBeUndefined()
  })

  test('and does not hear TERM is killed', async () => {
    const { paths } = createKeptHost({})
    const holder = await holdDeaf(paths)
    const ended = await endDaemon(paths, { how: 'stop', waitingFor: async () => '', grace: 0.2 })
    expect([ended, holder.exitCode, lives(holder.pid)]).toEqual([[holder.pid], null, false])
  })

  // It may be anything by then: what it did as a BootAgent is over.
  test('and lets go of the home without ending is not signalled any more', async () => {
    const { paths } = createKeptHost({})
    const holder = await hold(paths, 'hold-home-lets-go')
    await endDaemon(paths, { how: 'stop', waitingFor: async () => '', grace: 20 })
    expect([findLockHolder(paths.lock), lives(holder.pid)]).toEqual([undefined, true])
  })

  test('of which nobody is proven to hold the home has nobody signalled', async () => {
    const { paths, pidFile } = createKeptHost({})
    const other = await holdDeaf({ ...createKeptHost({}).paths })
    writeFileSync(pidFile, `${other.pid}\n`)
    expect(await endDaemon(paths, { how: 'stop', waitingFor: async () => '', grace: 0.2 })).toEqual([])
    expect(lives(other.pid)).toBe(true)
  })
})

test('a guard that is about to start BootAgent again is stopped as well', async () => {
  const host = createKeptHost({})
  await host.start()
  const { pid, guard = 0 } = await host.daemon()
  // While it waits for its turn the guard is alone.
  process.kill(guard, 'SIGSTOP')
  process.kill(pid, 'SIGKILL')
  await until(() => !lives(pid))
  process.kill(guard, 'SIGCONT')
  expect((await host.type('stop')).code).toBe(0)
  expect([findGuard(host.paths.home), findLockHolder(host.paths.lock)]).toEqual([undefined, undefined])
})

/** A process that holds a home and its run directory, and is deaf to TERM. */
function holdDeaf(paths: Paths): Promise<ChildProcess> {
  return hold(paths, 'hold-home-deaf')
}

async function hold({ home, run }: Paths, fixture: string): Promise<ChildProcess> {
  mkdirSync(run, { recursive: true })
  const [node, ...args] = program(`local/daemon/fixtures/${fixture}`, home, run)
  const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return child
}
