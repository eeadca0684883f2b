import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { HostDetail } from '@bootagent/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Program, startProgram } from '../../scripts/demo/program.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { buildVersion, packVersion } from './build-versions.ts'
import { type DeafProxy, openDeafProxy } from './deaf-proxy.ts'

const GUARD = join(import.meta.dirname, '../../contrib/guard')
/** Passes its own test, as whatever version it is asked for. */
const FIT = 'case " $* " in *" -V "*) echo "bootagent VERSION (x)"; exit 0 ;; *" -T "*) exit 0 ;; esac'

let directory: string
let fleet: Fleet
let proxy: DeafProxy
let guard: Program
let home: string
/** Where a package manager would put it. */
let seed: string

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-own-'))
  const [old, good, mute] = [
    await buildVersion('1.0.0', directory),
    await buildVersion('2.0.0', directory),
    await buildVersion('3.0.0', directory),
  ]
  fleet = await startFleet()
  proxy = await openDeafProxy(fleet.url)
  home = join(directory, 'home')
  const packages = {
    '2.0.0': packVersion('2.0.0', { path: good }, directory),
    '3.0.0': packVersion('3.0.0', { path: mute }, directory),
    '4.0.0': packVersion('4.0.0', { script: `${FIT.replace('VERSION', '4.0.0')}; exit 1` }, directory),
    '5.0.0': packVersion(
      '5.0.0',
      {
        script: 'case " $* " in *" -V "*) echo "bootagent 5.0.0 (x)"; exit 0 ;; esac; echo "FAIL  home  not to my taste"; exit 1',
      },
      directory,
    ),
    '6.0.0': packVersion('6.0.0', { script: FIT.replace('VERSION', '6.6.6') }, directory),
  }
  for (const [version, file] of Object.entries(packages)) {
    // The first one as its file's name says it: the first package of that version.
    const named = version === '2.0.0' ? [] : ['--package-version', version]
    await fleet.bootfleet('publish', file, '--name', 'BootAgent', ...named)
    rmSync(file)
  }
  seed = join(directory, 'seed')
  linkSync(old, seed)
  guard = startGuard()
  await guard.line(({ kind }) => kind === 'registered')
  await installTicker()
}, 300_000)

afterAll(async () => {
  // Its guard's end leaves it running, as it should.
  await fleet.bootfleet('uninstall', 'ticker', '--host', 'upgraded', '--wait')
  await guard.stop('SIGTERM')
  proxy.close()
  await fleet.end()
  rmSync(directory, { recursive: true })
})

function startGuard(): Program {
  const config = join(directory, 'config.json')
  writeFileSync(
    config,
    JSON.stringify({ step: 0.3, stepMin: 0.1, retry: 0.3, gap: 0.05, trial: 0.3, ownTrial: 5, restart: { grace: 5 } }),
  )
  return startProgram('guard', {
    command: GUARD,
    args: [home, seed, '-S', proxy.url, '-c', config, '--agentsn', 'upgraded'],
    cwd: '/',
    output: join(directory, 'guard.log'),
    env: { PATH: process.env['PATH'] ?? '', BOOTAGENT_GUARD_PAUSE: '0' },
  })
}

/** An agent that must notice nothing of all this. */
async function installTicker(): Promise<void> {
  const tree = join(directory, 'ticker')
  mkdirSync(tree)
  writeFileSync(join(tree, 'ticker'), '#!/bin/sh\nexec sleep 100000\n', { mode: 0o755 })
  execFileSync('tar', ['-C', tree, '-czf', join(directory, 'ticker-1.0.0.tar.gz'), '.'])
  await fleet.bootfleet('publish', join(directory, 'ticker-1.0.0.tar.gz'), '--name', 'ticker', '--exec', 'ticker')
  await fleet.bootfleet('install', 'ticker', '--host', 'upgraded', '--wait')
}

async function tickerPid(): Promise<number | undefined> {
  const { agents } = await fleet.host('upgraded')
  return agents.find(({ name }) => name === 'ticker')?.pid
}

async function upgrade(version: string, ...more: string[]): Promise<string> {
  return fleet
    .bootfleet('upgrade', 'BootAgent', '--package-version', version, '--host', 'upgraded', '--wait', ...more)
    .catch((error: Error) => error.message)
}

const versionOf = async () => ((await fleet.host('upgraded')) as HostDetail & { version?: string }).version
const current = () => readFileSync(join(home, 'self/current'), 'utf8').trim()

describe('BootAgent upgrades itself', { timeout: 120_000 }, () => {
  test('to a version that holds: it runs, its server knows it, and its agents noticed nothing', async () => {
    const pid = await tickerPid()
    expect(await upgrade('2.0.0-1')).toContain('BootAgent 2.0.0 runs, after 1.0.0')
    expect(await upgrade('2.0.0-1')).toContain('BootAgent is 2.0.0 already')
    expect([current(), await versionOf(), await tickerPid()]).toEqual(['b', expect.stringContaining('2.0.0'), pid])
  })

  test('not to a version that no server answers: the one before runs again, and says why', async () => {
    const pid = await tickerPid()
    proxy.forbidden.add('bootagent-3.0.0')
    expect(await upgrade('3.0.0')).toContain('BootAgent 3.0.0 did not hold: no server answered it within 5 s; 2.0.0 runs again')
    expect([current(), await versionOf(), await tickerPid()]).toEqual(['b', expect.stringContaining('2.0.0'), pid])
    expect(await upgrade('3.0.0')).toContain('failed-before')
    proxy.forbidden.clear()
    expect(await upgrade('3.0.0', '--force')).toContain('BootAgent 3.0.0 runs, after 2.0.0')
  })

  test('not to a version that ends at its start', async () => {
    const pid = await tickerPid()
    const said = await upgrade('4.0.0')
    expect(said).toContain(
      'BootAgent 4.0.0 did not hold: it was started 3 times and did not hold, the last time it ended with 1; 3.0.0 runs again',
    )
    expect([current(), await tickerPid()]).toEqual(['a', pid])
  })

  test('not to a version that does not pass its own test, which is never started', async () => {
    expect(await upgrade('5.0.0')).toContain('the new BootAgent does not pass its own test (-T): FAIL home not to my taste')
    expect(current()).toBe('a')
  })

  test('not to what says that it is another version', async () => {
    expect(await upgrade('6.0.0')).toContain('the package is said to be BootAgent 6.0.0, and is 6.6.6')
  })

  test('and each is told by an event', async () => {
    const events = await fleet.bootfleet('events', '--host', 'upgraded', '--json')
    const told = (JSON.parse(events) as { events: { category: string; message: string }[] }).events ?? []
    const own = told.filter(({ category }) => category.startsWith('bootagent-')).map(({ message }) => message)
    expect(own.toReversed()).toEqual([
      'BootAgent 2.0.0 runs, after 1.0.0',
      expect.stringMatching(/^BootAgent 2\.0\.0 runs again: 3\.0\.0 did not hold/),
      'BootAgent 3.0.0 runs, after 2.0.0',
      expect.stringMatching(/^BootAgent 3\.0\.0 runs again: 4\.0\.0 did not hold/),
    ])
  })
})

// As apt and rpm do it: another file in the place of the packaged one, and BootAgent is started again.
describe('a new packaged executable', { timeout: 120_000 }, () => {
  async function bring(version: string): Promise<void> {
    rmSync(seed)
    linkSync(join(directory, `bootagent-${version}-linux-${process.arch}`), seed)
    await fleet.bootfleet('restart', 'BootAgent', '--host', 'upgraded', '--wait')
  }

  async function eventsOf(): Promise<string[]> {
    const events = await fleet.bootfleet('events', '--host', 'upgraded', '--json')
    const told = (JSON.parse(events) as { events: { category: string; message: string }[] }).events
    return told.filter(({ category }) => category.startsWith('bootagent-')).map(({ message }) => message)
  }

  test('that a server answers is kept, and told', async () => {
    const pid = await tickerPid()
    const kept = guard.nextLine(({ kind }) => kind === 'own-kept')
    await bring('2.0.0')
    await kept
    await guard.nextLine(({ kind }) => kind === 'reported')
    await guard.nextLine(({ kind }) => kind === 'reported')
    expect([await versionOf(), await tickerPid()]).toEqual([expect.stringContaining('2.0.0'), pid])
    expect(await eventsOf()).toContain('BootAgent 2.0.0 runs, after 3.0.0')
  })

  test('that no server answers is given up for the one before, which tells why', async () => {
    const pid = await tickerPid()
    proxy.forbidden.add('bootagent-3.0.0')
    const givenUp = guard.nextLine(({ kind }) => kind === 'own-given-up')
    await bring('3.0.0')
    await givenUp
    await guard.nextLine(({ kind }) => kind === 'reported')
    await guard.nextLine(({ kind }) => kind === 'reported')
    expect([await versionOf(), await tickerPid()]).toEqual([expect.stringContaining('2.0.0'), pid])
    expect((await eventsOf())[0]).toBe('BootAgent 2.0.0 runs again: a new one did not hold: no server answered it within 5 s')
  })
})
