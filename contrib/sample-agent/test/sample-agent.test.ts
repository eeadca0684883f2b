import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'

const HERE = dirname(import.meta.dirname)
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sample-agent-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

function pack(into: string, version: string, mask = '022'): string {
  const command = ['-c', `umask ${mask}; exec "$0" "$@"`, join(HERE, 'pack.sh'), join(directory, into), version]
  return execFileSync('sh', command, { encoding: 'utf8' }).trim()
}

/** Unpacks a fresh package and starts what its agent.json says to run, ticking fast. */
function startAgent() {
  execFileSync('tar', ['-xzf', pack('out', '1.0.0'), '-C', directory])
  const manifest = JSON.parse(readFileSync(join(directory, 'agent.json'), 'utf8')) as { run: { exec: string } }
  const env = { ...process.env, BOOTAGENT_AGENT: 'web', SAMPLE_AGENT_SECONDS: '0.01' }
  const agent = spawn(join(directory, manifest.run.exec), { env, stdio: ['ignore', 'pipe', 'inherit'] })
  return { agent, lines: createInterface(agent.stdout)[Symbol.asyncIterator]() }
}

// The server knows a package by its bytes: packing again must not look like other bytes under the same version.
test('packed twice, under different masks, the archive is the same to the byte', () => {
  const first = readFileSync(pack('first', '1.0.0'))
  const second = readFileSync(pack('second', '1.0.0', '077'))
  expect(second.equals(first)).toBe(true)
})

test('nothing in the archive tells when or by whom it was made', () => {
  const archive = pack('out', '1.0.0')
  const options = ['-tvzf', archive, '--numeric-owner', '--full-time']
  const listing = execFileSync('tar', options, { encoding: 'utf8', env: { ...process.env, TZ: 'UTC' } })
  expect(listing.trim().split('\n')).toHaveLength(3)
  for (const line of listing.trim().split('\n')) expect(line).toMatch(/ 0\/0 +\d+ 1970-01-01 00:00:00 /)
  expect(readFileSync(archive).readUInt32LE(4), 'the time in the gzip header').toBe(0)
})

test('the version asked for is inside the archive and in its name', () => {
  const archive = pack('out', '2.3.4-rc1')
  expect(archive.endsWith('/sample-agent-2.3.4-rc1.tar.gz')).toBe(true)
  const manifest: unknown = JSON.parse(execFileSync('tar', ['-xzOf', archive, 'agent.json'], { encoding: 'utf8' }))
  expect(manifest).toEqual({ name: 'sample-agent', version: '2.3.4-rc1', run: { exec: 'bin/sample-agent' } })
})

test('it says that it started and ticks, under the name BootAgent gives it', async () => {
  const { agent, lines } = startAgent()
  expect((await lines.next()).value).toBe(`web: started as process ${agent.pid}`)
  expect((await lines.next()).value).toBe('web: tick 1')
  expect((await lines.next()).value).toBe('web: tick 2')
  agent.kill()
  await once(agent, 'close')
})

// Were the signal heard only after the sleep, this would take an hour. `close` comes only when nobody holds the pipe any
// more, so no sleep is left behind either.
test('TERM ends it at once with 0, in the middle of a sleep, and leaves no process behind', async () => {
  writeFileSync(join(directory, 'sleep'), '#!/bin/sh\necho asleep\nexec /bin/sleep "$1"\n', { mode: 0o755 })
  const env = { ...process.env, PATH: `${directory}:${process.env['PATH']}`, SAMPLE_AGENT_SECONDS: '3600' }
  const agent = spawn(join(HERE, 'bin/sample-agent'), { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(agent, 'close')
  for await (const line of createInterface(agent.stdout)) {
    if (line === 'asleep') agent.kill('SIGTERM')
  }
  expect(await closed).toEqual([0, null])
})
