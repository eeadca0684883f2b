import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const GUARD = join(import.meta.dirname, '../guard')

let home: string
let seed: string
let guard: ChildProcess | undefined

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bootagent-guard-'))
  seed = join(home, 'seed')
})
afterEach(async () => {
  if (guard?.exitCode === null && guard.signalCode === null) {
    guard.kill('SIGKILL')
    await once(guard, 'exit')
  }
  guard = undefined
  rmSync(home, { recursive: true })
})

/** A BootAgent of a few lines: `says` names it in `HOME/said`, then does what is given. */
function program(says: string, ...does: string[]): string {
  const selfTest = 'case " $* " in *" -T "*) [ ! -e "$(dirname "$0")/unfit" ] || { echo "FAIL  unfit"; exit 1; }; exit 0 ;; esac'
  return ['#!/bin/sh', selfTest, `echo "${says}" >>"${home}/said"`, ...does, ''].join('\n')
}

function write(path: string, text: string): void {
  writeFileSync(`${path}.part`, text, { mode: 0o755 })
  rmSync(path, { force: true })
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  rmSync(`${path}.part`)
}

function slot(name: 'a' | 'b', text: string): void {
  mkdirSync(join(home, 'self', name), { recursive: true })
  write(join(home, 'self', name, 'bootagent'), text)
}

function put(name: string, text: string): void {
  mkdirSync(join(home, 'self'), { recursive: true })
  writeFileSync(join(home, 'self', name), `${text}\n`)
}

const read = (name: string) => readFileSync(join(home, 'self', name), 'utf8').trim()
const said = () => readFileSync(join(home, 'said'), 'utf8').trim().split('\n')

function start(...options: string[]): ChildProcess {
  guard = spawn(GUARD, [home, seed, ...options], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, BOOTAGENT_GUARD_PAUSE: '0' },
  })
  return guard
}

async function run(...options: string[]): Promise<number | null> {
  const [code] = (await once(start(...options), 'exit')) as [number | null]
  return code
}

/** Two slots, `b` on trial, and a seed that was taken over before. */
function onTrial(a: string, b: string): void {
  write(seed, a)
  slot('a', a)
  slot('b', b)
  const { dev, ino, size, mtimeMs } = statSync(seed)
  put('seeded', `${dev}:${ino}:${size}:${Math.floor(mtimeMs / 1000)}`)
  put('fallback', 'a')
  put('current', 'b')
}

describe('a first start', () => {
  test('takes the packaged executable over into a slot, and gives it its options and its home', async () => {
    write(seed, program('$*', 'exit 0'))
    expect(await run('-S', 'a list')).toBe(0)
    expect(said()).toEqual([`-S a list --home ${home} --foreground`])
    expect(read('current')).toBe('a')
    expect(existsSync(join(home, 'self/fallback'))).toBe(false)
  })

  test('without any program ends, and says so', async () => {
    expect(await run()).toBe(4)
  })
})

describe('a host', () => {
  // A shell that cannot fork ends with 2, after which no service manager would start it again.
  test('that cannot make a process is said to be hindered, not given a wrong command line', () => {
    const copy = join(home, 'guard')
    copyFileSync(GUARD, copy)
    chmodSync(home, 0o755)
    const { status, stderr } = spawnSync('setpriv', ['--reuid=65534', '--clear-groups', 'prlimit', '--nproc=0', copy, home, seed])
    expect([status, String(stderr)]).toEqual([71, expect.stringContaining('fork')])
  })
})

describe('BootAgent', () => {
  test('that is between two starts when the guard is asked to stop is not started again', async () => {
    const woken = join(home, 'woken')
    write(seed, program('run', 'exit 1'))
    mkdirSync(join(home, 'bin'))
    write(join(home, 'bin/sleep'), `#!/bin/sh\nwhile [ ! -e "${woken}" ]; do /bin/sleep 0.05; done\n`)
    const env = { ...process.env, PATH: `${join(home, 'bin')}:${process.env['PATH']}` }
    guard = spawn(GUARD, [home, seed], { stdio: ['ignore', 'ignore', 'pipe'], env })
    await once(guard.stderr as Readable, 'data')
    guard.kill('SIGTERM')
    writeFileSync(woken, '')
    expect(await once(guard, 'exit')).toEqual([0, null])
    expect(said()).toEqual(['run'])
  })

  test('is started again when it dies, and when it asks for it', async () => {
    const turns = `case $(wc -l <"${home}/said") in 1) exit 1 ;; 2) kill -9 $$ ;; 3) exit 75 ;; *) exit 0 ;; esac`
    write(seed, program('run', turns))
    expect(await run()).toBe(0)
    expect(said()).toHaveLength(4)
  })

  test.each([2, 3, 4, 5, 6])('is not started again when it ends with %i, since that would help nobody', async (code) => {
    write(seed, program('run', `exit ${code}`))
    expect(await run()).toBe(code)
    expect(said()).toHaveLength(1)
  })

  test('is asked to stop when the guard is, and waited for', async () => {
    write(seed, program('up', `trap 'echo down >>"${home}/said"; exit 0' TERM`, 'echo up', 'while :; do sleep 0.05; done'))
    const started = start()
    await once(started.stdout as Readable, 'data')
    started.kill('SIGTERM')
    expect(await once(started, 'exit')).toEqual([0, null])
    expect(said()).toEqual(['up', 'down'])
  })
})

describe('a slot on trial', () => {
  test.each([
    [
      'fails at each start',
      'exit 1',
      ['b', 'b', 'b', 'a'],
      'it was started 3 times and did not hold, the last time it ended with 1',
    ],
    [
      'is killed at each start',
      'kill -9 $$',
      ['b', 'b', 'b', 'a'],
      'it was started 3 times and did not hold, the last time it ended with 137',
    ],
    ['cannot use the home', 'exit 4', ['b', 'a'], 'it ended with 4 at its start'],
  ])('that %s is taken back, and why is written down', async (_what, does, runs, failure) => {
    onTrial(program('a', 'exit 0'), program('b', does))
    expect(await run()).toBe(0)
    expect(said()).toEqual(runs)
    expect([read('current'), read('failure')]).toEqual(['a', failure])
    expect(existsSync(join(home, 'self/fallback'))).toBe(false)
  })

  test('that goes back by itself is gone back from', async () => {
    onTrial(program('a', 'exit 0'), program('b', `mv "${home}/self/fallback" "${home}/self/current"`, 'exit 75'))
    expect(await run()).toBe(0)
    expect(said()).toEqual(['b', 'a'])
    expect(existsSync(join(home, 'self/failure'))).toBe(false)
  })

  test('that was kept may fail like any other', async () => {
    const turns = `case $(wc -l <"${home}/said") in 6) exit 0 ;; *) exit 1 ;; esac`
    onTrial(program('a', 'exit 0'), program('b', `rm -f "${home}/self/fallback"`, turns))
    expect(await run()).toBe(0)
    expect(said()).toEqual(['b', 'b', 'b', 'b', 'b', 'b'])
  })

  test('is not charged with a stop that was asked for', async () => {
    onTrial(program('a', 'exit 0'), program('b', 'exit 0'))
    for (const _ of [1, 2, 3, 4, 5]) expect(await run()).toBe(0)
    expect(said()).toEqual(['b', 'b', 'b', 'b', 'b'])
    expect([read('current'), read('fallback')]).toEqual(['b', 'a'])
  })
})

describe('a new packaged executable', () => {
  beforeEach(async () => {
    write(seed, program('old', 'exit 0'))
    await run()
  })

  test('goes on trial in the other slot', async () => {
    write(seed, program('new', 'exit 0'))
    expect(await run()).toBe(0)
    expect(said()).toEqual(['old', 'new'])
    expect([read('current'), read('fallback')]).toEqual(['b', 'a'])
  })

  test('that does not hold is taken back, and not tried again', async () => {
    write(seed, program('new', 'exit 1'))
    expect(await run()).toBe(0)
    expect(await run()).toBe(0)
    expect(said()).toEqual(['old', 'new', 'new', 'new', 'old', 'old'])
  })

  test('that does not pass its own test is never started', async () => {
    writeFileSync(join(home, 'unfit'), '')
    write(seed, program('new', 'exit 0'))
    expect(await run()).toBe(0)
    expect(said()).toEqual(['old', 'old'])
    expect(read('failure')).toBe('the installed executable does not pass its own test: FAIL  unfit')
  })

  test('that is the same as what runs changes nothing', async () => {
    write(seed, program('old', 'exit 0'))
    expect(await run()).toBe(0)
    expect([read('current'), existsSync(join(home, 'self/fallback'))]).toEqual(['a', false])
  })
})

describe('what is damaged', () => {
  test('a slot without a program gives way to the other', async () => {
    onTrial(program('a', 'exit 0'), program('b', 'exit 0'))
    rmSync(join(home, 'self/fallback'))
    rmSync(join(home, 'self/b'), { recursive: true })
    expect(await run()).toBe(0)
    expect(said()).toEqual(['a'])
  })

  test('a slot that cannot be executed gives way to the other', async () => {
    onTrial(program('a', 'exit 0'), '\u007fELF and nothing else')
    rmSync(join(home, 'self/fallback'))
    expect(await run()).toBe(0)
    expect(said()).toEqual(['a'])
  })

  test('with both slots gone the packaged executable is taken over again', async () => {
    write(seed, program('seed', 'exit 0'))
    put('current', 'b')
    expect(await run()).toBe(0)
    expect(said()).toEqual(['seed'])
  })
})
