import { execFile, execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startFleet } from '../fleet.ts'
import { PACKERS } from '../scenarios/pack-tree.ts'

const ROOT = join(import.meta.dirname, '../..')
const SERVERS = 'booter.example.com:8080,192.0.2.1:9090'

/** What an executable is started with: no Node, no variable of ours. */
const BARE = { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8' } as const

let directory: string
let executable: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-build-test-'))
  executable = await build('first', '-S', SERVERS)
}, 300_000)
afterAll(() => rmSync(directory, { recursive: true }))

function build(out: string, ...options: string[]): Promise<string> {
  const args = [
    'scripts/build.ts',
    '--only',
    'bootagent',
    '--build-version',
    '9.8.7',
    '--out',
    join(directory, out),
    '--json',
    ...options,
  ]
  return promisify(execFile)(process.execPath, args, { cwd: ROOT }).then(
    ({ stdout }) => (JSON.parse(stdout) as { made: { path: string }[] }).made[0]?.path ?? '',
  )
}

function digest(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex')
}

test('an executable prints the servers and the version that were built into it', () => {
  const help = execFileSync(executable, ['-h'], BARE)
  expect(help).toContain(`servers  ${SERVERS}\n`)
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: ROOT, encoding: 'utf8' }).trim()
  expect(execFileSync(executable, ['-V'], BARE)).toMatch(
    new RegExp(`^bootagent 9\\.8\\.7 \\(commit ${commit}(-dirty)?, built 20\\d\\d-`),
  )
})

test('two builds of one commit are the same, byte for byte', { timeout: 180_000 }, async () => {
  expect(digest(await build('second', '-S', SERVERS))).toBe(digest(executable))
})

test('a list that no host could use fails the build, and the entry is named', async () => {
  await expect(build('none', '-S', 'good:1,bad:99999')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('"bad:99999"'),
  })
})

test('without a list nothing is baked in, and the first start demands one', { timeout: 180_000 }, async () => {
  const bare = await build('bare')
  expect(execFileSync(bare, ['-h'], BARE)).toContain('servers  (none: the first start needs -S)')
  const start = promisify(execFile)(bare, ['-f', '--home', join(directory, 'home')], BARE)
  await expect(start).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('-S') })
})

test('options of Node in the environment do not get in', () => {
  const env = { ...BARE.env, NODE_OPTIONS: '--require=/nowhere/evil.js' }
  expect(execFileSync(executable, ['-V'], { ...BARE, env })).toContain('9.8.7')
})

test('a reader that goes early is not told of as a fault', () => {
  expect(execFileSync('sh', ['-c', '"$0" -h | head -n 1; echo done', executable], { ...BARE, stdio: 'pipe' })).toBe(
    'Usage: bootagent [options] [command]\ndone\n',
  )
})

// What unpacks is kept apart inside the executable, and each kind of package loads other parts of it.
test('an executable fetches, unpacks and runs a package of every kind', { timeout: 180_000 }, async () => {
  const tree = join(directory, 'tree')
  mkdirSync(tree)
  writeFileSync(join(tree, 'ticker'), '#!/bin/sh\nexec sleep 1000\n', { mode: 0o755 })
  const fleet = await startFleet()
  try {
    await fleet.startHost('built', {}, { executable }).line(({ kind }) => kind === 'registered')
    for (const [index, [kind, pack]] of Object.entries(PACKERS).entries()) {
      const file = join(directory, `ticker-${index}${kind}`)
      pack(tree, file)
      await fleet.bootfleet('publish', file, '--name', `ticker-${index}`, '--package-version', '1.0.0', '--exec', 'ticker')
      await fleet.bootfleet('install', `ticker-${index}`, '--host', 'built', '--wait')
    }
    const { agents } = await fleet.host('built')
    expect(agents.map(({ status }) => status)).toEqual(Object.keys(PACKERS).map(() => 'running'))
  } finally {
    await fleet.end()
  }
})
