import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { openLog } from '../src/index.ts'
import { runProgram } from '../src/testing/run-program.ts'
import { program, scratch } from './program.ts'

function lines(content: string): { msg: string; level: number; time: string }[] {
  return content
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

test('an event is one line of JSON with its time in UTC', async () => {
  const file = join(await scratch(), 'log')
  openLog({ level: 'info', file }).info('two\nlines')
  const [line] = lines(await readFile(file, 'utf8'))
  expect(line).toMatchObject({ msg: 'two\nlines', level: 30, time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) })
})

test('what is below the level is not written', async () => {
  const file = join(await scratch(), 'log')
  const log = openLog({ level: 'warn', file })
  log.info('no')
  log.warn('yes')
  expect(lines(await readFile(file, 'utf8')).map(({ msg }) => msg)).toEqual(['yes'])
})

test('a log that is there is gone on with', async () => {
  const file = join(await scratch(), 'log')
  openLog({ level: 'info', file }).info('yesterday')
  openLog({ level: 'info', file }).info('today')
  expect(lines(await readFile(file, 'utf8')).map(({ msg }) => msg)).toEqual(['yesterday', 'today'])
})

test('a log that cannot be opened is an error at once', async () => {
  const file = join(await scratch(), 'no such', 'log')
  expect(() => openLog({ level: 'info', file })).toThrow('ENOENT')
})

test('one file and the one before it are kept, neither larger than allowed, and the newest lines are there', async () => {
  const directory = await scratch()
  const log = openLog({ level: 'info', file: join(directory, 'log'), maxBytes: 2000 })
  // Three bytes a character: a limit counted in characters would let the file grow to three times its size.
  for (let n = 1; n <= 100; n += 1) log.info(`${n} 世界世界世界世界世界世界世界世界世界世界`)
  expect(await readdir(directory)).toEqual(['log', 'log.1'])
  const sizes = await Promise.all(['log', 'log.1'].map(async (file) => (await stat(join(directory, file))).size))
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2000)
  const kept = lines((await readFile(join(directory, 'log.1'), 'utf8')) + (await readFile(join(directory, 'log'), 'utf8')))
  const numbers = kept.map(({ msg }) => Number.parseInt(msg, 10))
  expect(numbers).toEqual(numbers.map((_, at) => 101 - numbers.length + at))
})

test('the size of yesterday counts', async () => {
  const directory = await scratch()
  const settings = { level: 'info', file: join(directory, 'log'), maxBytes: 300 } as const
  openLog(settings).info('x'.repeat(200))
  openLog(settings).info('x'.repeat(200))
  expect(await readdir(directory)).toEqual(['log', 'log.1'])
})

test('a line longer than the whole file is still one line', async () => {
  const file = join(await scratch(), 'log')
  openLog({ level: 'info', file, maxBytes: 100 }).info('x'.repeat(1000))
  expect(lines(await readFile(file, 'utf8'))).toHaveLength(1)
})

// Log directories are removed under running programs; the program must outlive it, and its log come back.
test('lines are dropped while the directory is gone, and written again once it is back', async () => {
  const directory = join(await scratch(), 'logs')
  await mkdir(directory)
  const log = openLog({ level: 'info', file: join(directory, 'log'), maxBytes: 300 })
  log.info('x'.repeat(200))
  await rm(directory, { recursive: true })
  expect(() => log.info('x'.repeat(200))).not.toThrow()
  await mkdir(directory)
  log.info('back')
  expect(lines(await readFile(join(directory, 'log'), 'utf8')).map(({ msg }) => msg)).toEqual(['back'])
})

test('a closed pipe does not end the program', async () => {
  const [node, ...args] = program('log-lines', '10000')
  const child = spawn(node, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  child.stdout.destroy()
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect([said, code]).toEqual(['every line was tried', 0])
})

test('/dev/full, where every write finds no room, does not end the program', async () => {
  const ending = await runProgram(['sh', '-c', 'exec "$0" "$@" > /dev/full', ...program('log-lines', '10')])
  expect(ending).toMatchObject({ code: 0, stderr: 'every line was tried' })
})

test.skipIf(process.getuid?.() !== 0)('a full disk does not end the program, and what fitted is there', async () => {
  const disk = await scratch()
  const story = 'mount -t tmpfs -o size=32k none "$0"; disk=$0; "$@" "$disk/log"; wc -c < "$disk/log"'
  const ending = await runProgram(['unshare', '-m', 'sh', '-ec', story, disk, ...program('log-lines', '1000')])
  expect(ending).toMatchObject({ code: 0, stdout: '32768\n', stderr: 'every line was tried' })
})
