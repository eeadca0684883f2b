import { writeFileSync } from 'node:fs'
import process from 'node:process'
import { expect, test } from 'vitest'
import { createKeptHost, lives, until } from './kept-host.ts'

const RUNS = { fixture: 'runs-forever' }

test('restart returns when another process is in control, and agents keep theirs', async () => {
  const host = createKeptHost({ metrics: RUNS, shipper: RUNS })
  await host.start()
  await until(async () => Object.values(await host.agents()).every(lives))
  const [before, agents] = [await host.daemon(), await host.agents()]
  const { code, data } = await host.type('restart')
  const after = await host.daemon()
  expect(code).toBe(0)
  expect(data).toMatch(
    new RegExp(`^bootagent was started again: process ${before.pid}, now ${after.pid}; version (\\S+), now \\1\n$`),
  )
  expect([lives(before.pid), after.guard, after.options]).toEqual([false, before.guard, before.options])
  expect(await host.agents()).toEqual(agents)
})

test('one that does not run is started', async () => {
  const host = createKeptHost({})
  expect((await host.type('restart')).data).toContain('bootagent runs: process ')
})

test('a restart that finds the configuration spoilt says why nobody is in control', async () => {
  const host = createKeptHost({})
  await host.start()
  writeFileSync(`${host.root}/config.json`, '{ "stepMin": "soon" }')
  const { code, data, talk } = await host.type('restart')
  expect([code, data]).toEqual([1, ''])
  expect(talk).toContain(`${host.root}/config.json`)
  expect(talk).toContain('its guard has ended as well')
})

// Asked to be started again it would end, and nobody would start it.
test('one whose guard was killed gets another, and keeps its options', async () => {
  const host = createKeptHost({ metrics: RUNS })
  await host.start('-l', 'debug')
  await until(async () => Object.values(await host.agents()).every(lives))
  const [before, agents] = [await host.daemon(), await host.agents()]
  process.kill(before.guard ?? 0, 'SIGKILL')
  await until(() => !lives(before.guard))
  expect((await host.type('restart')).code).toBe(0)
  const after = await host.daemon()
  expect([lives(before.pid), lives(after.guard), after.options]).toEqual([false, true, before.options])
  expect(await host.agents()).toEqual(agents)
})

test('one that gives no answer is killed, and its guard starts it again', async () => {
  const host = createKeptHost({ metrics: RUNS })
  await host.start()
  await until(async () => Object.values(await host.agents()).every(lives))
  const [before, agents] = [await host.daemon(), await host.agents()]
  process.kill(before.pid, 'SIGSTOP')
  const { code, talk } = await host.type('restart')
  expect([code, talk]).toEqual([0, expect.stringContaining(`process ${before.pid} holds ${host.paths.home} and gives no answer`)])
  expect([lives(before.pid), (await host.daemon()).guard]).toEqual([false, before.guard])
  expect(await host.agents()).toEqual(agents)
})

test('status says how it is with BootAgent, and by its exit code whether it runs', async () => {
  const host = createKeptHost({ metrics: RUNS })
  await host.start()
  const { pid, guard } = await host.daemon()
  const running = await host.type('status')
  expect([running.code, running.data]).toEqual([
    0,
    expect.stringMatching(new RegExp(`^BootAgent \\S+ runs: process ${pid}, since .* UTC, kept by guard ${guard}\n`)),
  ])
  expect(JSON.parse((await host.type('status', '--json')).data)).toMatchObject({ running: true, daemon: { pid, guard } })
  await host.type('stop')
  expect((await host.type('status')).code).toBe(3)
  expect((await host.type('status', 'metrics')).code).toBe(0)
})

test('version is that of the executable, and tells what runs', async () => {
  const host = createKeptHost({})
  const alone = await host.type('version')
  expect(alone).toEqual({ code: 0, data: (await host.type('-V')).data, talk: '' })
  await host.start()
  const { pid } = await host.daemon()
  expect(JSON.parse((await host.type('version', '--json')).data)).toMatchObject({ commit: 'checkout', running: { pid } })
})
