import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

test('every system call and kind of socket that the server asks for is one that its unit lets through', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'bootagent-calls-test-'))
  try {
    const { calls: called, families } = await traceOf(directory)
    expect(called).toContain('pwrite64')
    const unit = readFileSync(join(ROOT, 'contrib/systemd/bootserver.service'), 'utf8')
    const allowed = allowedBy(unit)
    expect(called.filter((call) => !allowed.has(call))).toEqual([])
    const offered = /^RestrictAddressFamilies=(.*)$/m.exec(unit)?.[1]?.split(' ')
    expect(families).toContain('AF_NETLINK')
    expect(families.filter((family) => !offered?.includes(family))).toEqual([])
  } finally {
    rmSync(directory, { recursive: true })
  }
})

/** Has a server start, take a host and a package, hand both out, and stop; resolves to all it asked the kernel for. */
async function traceOf(directory: string): Promise<{ readonly calls: string[]; readonly families: string[] }> {
  const trace = join(directory, 'trace')
  writeFileSync(join(directory, 'token'), TOKEN)
  const options = ['--listen', '0.0.0.0:0', '--data', join(directory, 'data'), '--token-file', join(directory, 'token')]
  const program = [process.execPath, 'packages/server/src/main.ts', ...options]
  // strace passes no signal on: the shell becomes the server, and says beforehand which process that will be.
  const shell = ['sh', '-c', 'echo $$; exec "$@"', 'sh', ...program]
  const traced = spawn('strace', ['-f', '-qq', '-o', trace, ...shell], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(traced, 'close')
  const lines = createInterface(traced.stdout)[Symbol.asyncIterator]()
  const pid = Number((await lines.next()).value)
  try {
    const { url } = JSON.parse(String((await lines.next()).value)) as { url: string }
    await use(url.replace('0.0.0.0', '127.0.0.1'))
  } finally {
    process.kill(pid, 'SIGTERM')
    await ended
  }
  const text = readFileSync(trace, 'utf8')
  const all = (pattern: RegExp) => [...new Set([...text.matchAll(pattern)].map(([, word]) => word ?? ''))]
  // SQLite gives its files to their owner when it is root, which the service is not.
  const calls = all(/^\d+ +([a-z_0-9]+)\(/gm).filter((name) => name !== 'fchown')
  return { calls, families: all(/^\d+ +socket\((AF_\w+)/gm) }
}

const TOKEN = 'of-a-test'

async function use(url: string): Promise<void> {
  const body = Buffer.alloc(300_000, 'x')
  const sha256 = createHash('sha256').update(body).digest('hex')
  const query = new URLSearchParams({ sha256, file: 'tool-1.0.0.tar.gz', os: 'linux', arch: 'any' })
  expect((await send('POST', `${url}/agent/register`, '{"hostname":"h","agentsn":"sn-1"}')).status).toBe(200)
  expect((await send('PUT', `${url}/api/v1/packages/tool/1.0.0?${query.toString()}`, body)).ok).toBe(true)
  expect((await send('GET', `${url}/api/v1/hosts`)).status).toBe(200)
  const handedOut = await fetch(`${url}/packages/${sha256}/tool-1.0.0.tar.gz`)
  expect((await handedOut.arrayBuffer()).byteLength).toBe(body.length)
}

function send(method: string, url: string, body?: string | Buffer<ArrayBuffer>): Promise<Response> {
  const type = typeof body === 'string' ? 'application/json' : 'application/octet-stream'
  const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': type }
  return fetch(url, { method, headers, ...(body === undefined ? {} : { body }) })
}

/** What is left of the sets that a unit's SystemCallFilter= lines add and take away, in their order. */
function allowedBy(unit: string): ReadonlySet<string> {
  const sets = readSets()
  const allowed = new Set(callsIn(sets, '@default'))
  for (const [, minus, names = ''] of unit.matchAll(/^SystemCallFilter=(~?)(.*)$/gm)) {
    for (const call of names.split(' ').flatMap((name) => callsIn(sets, name))) {
      if (minus === '~') allowed.delete(call)
      else allowed.add(call)
    }
  }
  return allowed
}

function readSets(): ReadonlyMap<string, readonly string[]> {
  const listing = execFileSync('systemd-analyze', ['syscall-filter', '--no-pager'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const sets = new Map<string, string[]>()
  let current: string[] = []
  for (const line of listing.split('\n')) {
    if (line.startsWith('@')) sets.set(line.trim(), (current = []))
    else if (/^ +[@a-z_0-9-]+$/.test(line)) current.push(line.trim())
  }
  return sets
}

function callsIn(sets: ReadonlyMap<string, readonly string[]>, name: string): readonly string[] {
  return name.startsWith('@') ? (sets.get(name) ?? []).flatMap((each) => callsIn(sets, each)) : [name]
}
