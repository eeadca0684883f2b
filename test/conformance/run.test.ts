import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { expect, onTestFinished, test } from 'vitest'

/** Runs one case against a program that is no BootAgent; `xfails` is written to a file. */
async function runAgainst(peer: string, xfails: object, ...more: string[]): Promise<{ code: number; said: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'conformance-run-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const list = join(directory, 'xfails.json')
  await writeFile(list, JSON.stringify(xfails))
  return run('agent', '--command', peer, '--only', 'register-first', '--xfails', list, ...more)
}

function run(...args: readonly string[]): Promise<{ code: number; said: string }> {
  return new Promise((resolve) => {
    const command = [join(import.meta.dirname, 'run.ts'), ...args]
    const child = execFile(process.execPath, command, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, said: stdout + stderr }),
    )
  })
}

test('a peer that ends instead of registering fails at once, and the table says what it said', async () => {
  const { code, said } = await runAgainst('sh -c echo;exit', {})
  expect(code).toBe(1)
  expect(said).toMatch(/^✗ register-first .*\n +the BootAgent ended \(0\); it said: /)
  expect(said).toContain('0 hold, 1 fail, 0 skipped; not as expected: register-first')
})

test('a known failure does not fail the run', async () => {
  const { code, said } = await runAgainst('false', { 'register-first': 'it is no BootAgent' })
  expect(said).toContain('known: it is no BootAgent')
  expect(code).toBe(0)
})

test('a program that is not there is a failure that names it', async () => {
  const { code, said } = await runAgainst('/no/such/program', {})
  expect([code, said.includes('spawn /no/such/program ENOENT')]).toEqual([1, true])
})

test('a peer that is only slow is given up after the patience it was given', async () => {
  const { code, said } = await runAgainst('sleep 60', {}, '--patience', '0.1')
  expect(said).toContain('0.1 s have passed, awaiting a registration')
  expect(code).toBe(1)
})

test('a list of known failures that names no case is refused', async () => {
  const { code, said } = await runAgainst('false', { 'register-frist': 'misspelt' })
  expect([code, said]).toEqual([2, 'there is no case register-frist\n'])
})

test.each([
  ['a side there is not', ['client']],
  ['no side', []],
  ['an option there is not', ['agent', '--comand', 'x']],
])('%s is answered by the usage', async (_, args) => {
  const { code, said } = await run(...args)
  expect([code, said.includes('usage: run.ts agent')]).toEqual([2, true])
})

test.each([
  ['ends', 'false', '45', 'the server ended (1) before it said where it listens\n'],
  ['is not there', '/no/such/server', '45', 'the server ended (spawn /no/such/server ENOENT) before it said where it listens\n'],
  ['says nothing', 'sleep 60', '0.1', '0.1 s have passed before it said where it listens\n'],
])('a server that %s cannot be tested, and that is told', async (_, peer, patience, sentence) => {
  expect(await run('server', '--command', peer, '--patience', patience)).toEqual({ code: 3, said: sentence })
})

test('for machines there is one verdict a line', async () => {
  const { said } = await runAgainst('false', {}, '--json')
  expect(JSON.parse(said)).toMatchObject({ name: 'register-first', outcome: 'fails' })
})
