import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { describe, expect, test } from 'vitest'
import { findGuard } from '../../../src/local/daemon/find-guard.ts'
import { createKeptHost, lives, stranger, until } from './kept-host.ts'

const RUNS = { fixture: 'runs-forever' }

test('start returns when BootAgent is in control, kept by a guard, and says which process it is', async () => {
  const host = createKeptHost({ metrics: RUNS })
  const { data, talk } = await host.start('-S', '127.0.0.1:9')
  const { pid, guard, options } = await host.daemon()
  expect(data).toMatch(new RegExp(`^bootagent runs: process ${pid}, version \\S+\n$`))
  expect(talk).toBe('')
  expect([lives(pid), lives(guard)]).toEqual([true, true])
  expect(readFileSync(host.pidFile, 'latin1')).toBe(`${pid}\n`)
  expect(options).toEqual(expect.arrayContaining(['-S', '127.0.0.1:9', '-c', `${host.root}/config.json`]))
  await until(async () => lives((await host.agents())['metrics']))
})

test('a start beside a BootAgent that runs is a success that changes nothing', async () => {
  const host = createKeptHost({})
  await host.start()
  const before = await host.daemon()
  const { data, talk } = await host.start()
  expect(data).toMatch(new RegExp(`^bootagent runs already: process ${before.pid},`))
  expect(talk).toBe('')
  expect(await host.daemon()).toEqual(before)
})

test('of two starts at once one starts it, and both say the same process', async () => {
  const host = createKeptHost({})
  const said = await Promise.all([host.start(), host.start()])
  const { pid, guard } = await host.daemon()
  for (const { data } of said) expect(data).toContain(`process ${pid},`)
  expect(findGuard(host.paths.home)?.pid).toBe(guard)
})

describe('a start that cannot succeed', () => {
  test('says why, and ends with the exit code that BootAgent ended with', async () => {
    const host = createKeptHost({})
    writeFileSync(`${host.root}/config.json`, '{ "stepMin": "soon" }')
    const { code, data, talk } = await host.type('start', '-c', `${host.root}/config.json`)
    expect([code, data]).toEqual([2, ''])
    expect(talk).toContain(`${host.root}/config.json`)
    expect(talk).toContain('bootagent: BootAgent was not started: it ended with 2\n')
    expect(findGuard(host.paths.home)).toBeUndefined()
    expect(existsSync(host.pidFile)).toBe(false)
  })

  test('where a metafile cannot be read, says which', async () => {
    const host = createKeptHost({})
    writeFileSync(host.paths.metafile, '{')
    writeFileSync(host.paths.previousMetafile, '{')
    const { code, talk } = await host.type('start')
    expect(code).toBe(5)
    expect(talk).toContain(host.paths.metafile)
  })
})

test('a pid file that names a stranger keeps nothing from being started, and the stranger is left alone', async () => {
  const host = createKeptHost({})
  const pid = stranger()
  writeFileSync(host.pidFile, `${pid}\n`)
  await host.start()
  const ours = await host.daemon()
  expect(ours.pid).not.toBe(pid)
  expect(readFileSync(host.pidFile, 'latin1')).toBe(`${ours.pid}\n`)
  expect(lives(pid)).toBe(true)
})

test('a BootAgent that is killed runs again, and its agents have not noticed', async () => {
  const host = createKeptHost({ metrics: RUNS })
  await host.start()
  await until(async () => lives((await host.agents())['metrics']))
  const [before, agents] = [await host.daemon(), await host.agents()]
  process.kill(before.pid, 'SIGKILL')
  const { data } = await host.start()
  const after = await host.daemon()
  expect(data).toMatch(new RegExp(`^bootagent runs already: process ${after.pid},`))
  expect([after.pid === before.pid, after.guard]).toEqual([false, before.guard])
  expect(await host.agents()).toEqual(agents)
})

// Of a guard that is killed in a trial a fork lives on, which looks like it and starts nothing.
test('what a killed guard has left behind is not taken for a guard', async () => {
  const host = createKeptHost({})
  await host.start()
  await host.type('stop')
  const self = `${host.paths.home}/self`
  cpSync(`${self}/a`, `${self}/b`, { recursive: true })
  writeFileSync(`${self}/fallback`, 'a\n')
  writeFileSync(`${self}/current`, 'b\n')
  await host.start()
  const { pid, guard = 0, trial } = await host.daemon()
  expect(trial).toEqual({ slot: 'b', fallback: 'a' })
  for (const each of [guard, pid]) process.kill(each, 'SIGKILL')
  await until(() => !lives(guard) && !lives(pid))
  expect((await host.start()).data).toMatch(/^bootagent runs: process /)
})

// A BootAgent that dies every two seconds, each time with a page of reasons.
test('what the guard says does not fill the disk', async () => {
  const host = createKeptHost({})
  await host.start()
  const { pid } = await host.daemon()
  writeFileSync(`${host.paths.run}/guard.log`, `${'x'.repeat(1023)}\n`.repeat(2000), { flag: 'a' })
  process.kill(pid, 'SIGKILL')
  await host.start()
  const said = readFileSync(`${host.paths.run}/guard.log`, 'utf8')
  expect(said.length).toBeLessThan(1024 ** 2)
})

test('a BootAgent whose guard is killed goes on, and start says that nobody keeps it', async () => {
  const host = createKeptHost({ metrics: RUNS })
  await host.start()
  const { pid, guard = 0 } = await host.daemon()
  process.kill(guard, 'SIGKILL')
  await until(() => !lives(guard))
  const { data, talk } = await host.start()
  expect(data).toMatch(new RegExp(`^bootagent runs already: process ${pid},`))
  expect(talk).toContain('it has no guard: nobody starts it again should it die')
  expect((await host.type('status')).data).toContain('without a guard')
})
