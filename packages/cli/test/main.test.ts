import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { aHost, aJob } from './samples.ts'
import { scriptedServer } from './scripted-server.ts'

/** The real program in a process of its own. */
function start(url: string, argv: readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const main = new URL('../src/main.ts', import.meta.url).pathname
  const env = { ...process.env, BOOTFLEET_SERVER: url, NODE_NO_WARNINGS: '1' }
  return spawn(process.execPath, [main, ...argv], { env, stdio: ['ignore', 'pipe', 'pipe'] })
}

test('data comes on stdout, and the exit code is the table’s', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/hosts': () => ({ json: { hosts: [aHost()] } }) })
  const program = start(server.url, ['hosts', '--json'])
  const [out, [code]] = await Promise.all([text(program.stdout), once(program, 'close')])
  expect(JSON.parse(out)).toEqual({ hosts: [aHost()] })
  expect(code).toBe(0)
})

test('SIGINT while it waits ends it with 130 and the way to look again', async () => {
  await using server = await scriptedServer({ 'GET /api/v1/jobs/job-1': () => ({ json: aJob([{}]) }) })
  const program = start(server.url, ['job', 'job-1', '--wait'])
  const closed = once(program, 'close')
  const said: string[] = []
  for await (const line of createInterface(program.stderr)) {
    said.push(line)
    if (line.includes('waits for the host')) program.kill('SIGINT')
  }
  expect(said.at(-1)).toBe('no longer waiting; the job goes on: bootfleet job job-1 --wait')
  expect(await closed).toEqual([130, null])
})

// `bootfleet hosts | head -1`: the reader is gone before the answer is written.
test('a reader that goes early causes neither an error nor another exit code', async () => {
  await using server = await scriptedServer({
    'GET /api/v1/hosts': () => ({ json: { hosts: Array.from({ length: 5000 }, () => aHost()) } }),
  })
  const program = start(server.url, ['hosts'])
  program.stdout.destroy()
  const [err, [code]] = await Promise.all([text(program.stderr), once(program, 'close')])
  expect({ code, err }).toEqual({ code: 0, err: '' })
})
