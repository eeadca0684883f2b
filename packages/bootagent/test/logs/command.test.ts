import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Readable } from 'node:stream'
import { type Ending, runProgram } from '@bootagent/runtime/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { writeFirstMetafile } from '../../src/state/metafile.ts'
import { agentPaths, type Paths } from '../../src/state/paths.ts'
import { exampleAgent, exampleMetafile } from '../scenes/example-metafile.ts'
import { scratchHome } from '../state/scratch-home.ts'
import { numbered, rotateOnce } from './log-place.ts'

const MAIN = join(import.meta.dirname, '../../src/main.ts')

/** A host without a daemon, whose one agent has written this. */
async function hostWith(output: string): Promise<{ paths: Paths; directory: string }> {
  const paths = await scratchHome()
  await writeFirstMetafile(paths, { ...exampleMetafile(), agents: { metrics: exampleAgent(), quiet: exampleAgent() } })
  const directory = agentPaths(paths, 'metrics').log
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${directory}/output.log`, output, 'latin1')
  return { paths, directory }
}

function bootagent({ home }: Paths, ...args: string[]): Promise<Ending> {
  return runProgram([process.execPath, MAIN, ...args, '--home', home])
}

/** What a program has printed, as it comes. */
interface Printing {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<unknown[]>
  readonly hasPrinted: (text: string) => Promise<void>
}

function startBootagent({ home }: Paths, ...args: string[]): Printing {
  const child = spawn(process.execPath, [MAIN, ...args, '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  let printed = ''
  child.stdout.on('data', (piece: Buffer) => {
    printed += piece.toString('latin1')
  })
  return {
    child,
    ended,
    hasPrinted: (text) => vi.waitFor(() => expect(printed).toBe(text), 20_000),
  }
}

test('logs prints the last lines, with no daemon, and as many as asked for', async () => {
  const { paths } = await hostWith(numbered(200))
  expect(await bootagent(paths, 'logs', 'metrics')).toMatchObject({ code: 0, stdout: numbered(100, 100), stderr: '' })
  expect((await bootagent(paths, 'logs', 'metrics', '-n', '2')).stdout).toBe(numbered(2, 198))
  expect(await bootagent(paths, 'logs', 'quiet')).toMatchObject({ code: 0, stdout: '', stderr: '' })
})

test('logs passes bytes on as they were written, and as JSON one object a line', async () => {
  const { paths } = await hostWith('a\x1b[2J\r\n"b"')
  expect((await bootagent(paths, 'logs', 'metrics')).stdout).toBe('a\x1b[2J\r\n"b"')
  const { stdout } = await bootagent(paths, 'logs', 'metrics', '--json')
  expect(
    stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual([
    { agent: 'metrics', line: 'a\x1b[2J\r' },
    { agent: 'metrics', line: '"b"' },
  ])
})

test('an agent that the host does not have is said so, with those it has', async () => {
  const { paths } = await hostWith('')
  const { code, stdout, stderr } = await bootagent(paths, 'logs', 'metric')
  expect([code, stdout, stderr]).toEqual([1, '', 'bootagent: this host has no agent metric; there are: metrics, quiet\n'])
})

test('logs -f goes on through a rotation, until it is interrupted', async () => {
  const { paths, directory } = await hostWith(numbered(100))
  const { child, ended, hasPrinted } = startBootagent(paths, 'logs', 'metrics', '-f', '-n', '1')
  await hasPrinted(numbered(1, 99))
  appendFileSync(`${directory}/output.log`, numbered(1, 100))
  await hasPrinted(numbered(2, 99))
  appendFileSync(`${directory}/output.log`, numbered(10, 101))
  await rotateOnce(directory)
  appendFileSync(`${directory}/output.log`, numbered(10, 111))
  await hasPrinted(numbered(22, 99))
  child.kill('SIGINT')
  expect(await ended).toEqual([0, null])
})

test('logs -f ends when nobody reads it any more', async () => {
  const { paths, directory } = await hostWith(numbered(1))
  const { child, ended, hasPrinted } = startBootagent(paths, 'logs', 'metrics', '--follow')
  await hasPrinted(numbered(1))
  child.stdout.destroy()
  appendFileSync(`${directory}/output.log`, numbered(1, 1))
  expect(await ended).toEqual([0, null])
})
