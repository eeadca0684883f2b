import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { lockHome } from '../../src/local/lock.ts'
import { openHome } from '../../src/local/open-home.ts'
import type { Paths } from '../../src/state/paths.ts'
import { program } from '../state/program.ts'
import { scratchHome } from '../state/scratch-home.ts'

const ALREADY_RUNNING = expect.objectContaining({ code: 'already-running' })

/** Another process that takes the home; resolves with its first word. */
async function another({ home, run }: Paths): Promise<{ said: string; child: ChildProcess }> {
  const [node, ...args] = program('execute/fixtures/hold-home', home, run)
  const child = spawn(node, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  return { said: said.toString('utf8').trim(), child }
}

test('one process holds a home, and another is told so', async () => {
  const paths = await scratchHome()
  expect((await another(paths)).said).toBe('held')
  expect((await another(paths)).said).toBe('already-running')
  expect(() => lockHome(paths)).toThrow(ALREADY_RUNNING)
})

test('who is told so is told what to do', async () => {
  const paths = await scratchHome()
  const lock = lockHome(paths)
  onTestFinished(() => lock.release())
  expect(() => lockHome(paths)).toThrow(
    `another BootAgent runs on ${paths.home}; stop it first, or give this one a --home of its own`,
  )
})

// Each would take the other's agents for its own that are no longer wanted, and end them.
test('two homes do not share one run directory', async () => {
  const paths = await scratchHome()
  const lock = lockHome(paths)
  onTestFinished(() => lock.release())
  const other = { ...(await scratchHome()), run: paths.run }
  expect(() => lockHome(other)).toThrow(`another BootAgent runs in ${paths.run}; give this one a --run of its own`)
  expect((await another(other)).said).toBe('already-running')
})

// The kernel lets go of it: no file is left that says somebody is there who is not.
test('a home is free as soon as its holder is killed', async () => {
  const paths = await scratchHome()
  const { child } = await another(paths)
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  expect((await another(paths)).said).toBe('held')
})

// SQLite keeps a journal beside a file it has locked, and only who ends in order takes it away.
test('a home that others may pass through can be opened when its holder was killed', async () => {
  const paths = await scratchHome()
  const { child } = await another(paths)
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
  for (const directory of [paths.home, paths.run]) chmodSync(directory, 0o711)
  await openHome(paths)
  expect((await another(paths)).said).toBe('held')
})

test('a home is free once its holder lets go of it', async () => {
  const paths = await scratchHome()
  lockHome(paths).release()
  const { said, child } = await another(paths)
  const gone = once(child, 'exit')
  child.stdin?.end()
  await gone
  const lock = lockHome(paths)
  lock.release()
  expect(said).toBe('held')
})

test('a try that fails does not take the lock from its holder', async () => {
  const paths = await scratchHome()
  const lock = lockHome(paths)
  onTestFinished(() => lock.release())
  for (let n = 0; n < 3; n += 1) expect(() => lockHome(paths)).toThrow(ALREADY_RUNNING)
  expect((await another(paths)).said).toBe('already-running')
})

test('two homes are held by two', async () => {
  const held = await Promise.all([scratchHome(), scratchHome()].map(async (paths) => another(await paths)))
  expect(held.map(({ said }) => said)).toEqual(['held', 'held'])
})

test('what cannot be locked is a home that cannot be used', async () => {
  const paths = await scratchHome()
  mkdirSync(paths.lock)
  expect(() => lockHome(paths)).toThrow(
    expect.objectContaining({ code: 'home-unusable', message: expect.stringContaining(paths.lock) }),
  )
})
