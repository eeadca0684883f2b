import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ERRORS, type HostSummary, type JobDetail } from '@bootagent/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Metafile } from '../../packages/bootagent/src/state/metafile-schema.ts'
import type { Line, Program } from '../../scripts/demo/program.ts'
import { CLONED, type Fleet, type HostLike, startFleet } from '../fleet.ts'
import { lookAtTruth } from './oracle.ts'

/** The places of the first start, in the order they are passed. */
const REGISTER = [
  'first-start:before-write',
  'first-start:written',
  'register:before-send',
  'register:answered',
  'register:recorded',
  'settle:before',
  'settle:recorded',
]

/** The places of an install, in the order they are passed. */
const INSTALL = [
  ...['settle:before#2', 'settle:recorded#2', 'job:begun'],
  ...['download:before', 'download:fetched', 'download:after', 'verify:before', 'verify:after'],
  ...['unpack:before', 'unpack:sealed', 'unpack:in-place', 'unpack:after'],
  ...['activate:before', 'activate:recorded', 'activate:after'],
  ...['start:before', 'start:before-attempt', 'start:attempt-made', 'start:spawned', 'start:proven', 'start:after'],
  ...['watch:before', 'watch:after', 'finish:before', 'finish:recorded'],
]

/** What an upgrade passes besides. */
const UPGRADE = [
  'stop:before',
  'stop:before-term',
  'stop:termed',
  'stop:killed',
  'stop:after',
  'activate:recorded',
  'start:spawned',
  'watch:before',
  'finish:before',
]

/** The way back from a release that does not hold. */
const WAY_BACK = [
  'exit:seen',
  'exit:recorded',
  'trial:failure-recorded',
  'go-back:before',
  'go-back:recorded',
  'go-back:after',
  'start:spawned#2',
  'start:after#2',
  'finish:before',
  'finish:recorded',
]

/** On a busy machine a program may sleep for longer than a short trial lasts, and would then have passed it. */
const LONG_TRIAL: HostLike = { pace: { trial: 600 } }

const UNINSTALL = [
  'want:after',
  'stop:termed',
  'stop:after',
  'remove:before',
  'remove:releases-gone',
  'remove:files-gone',
  'remove:after',
  'finish:before',
]

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  await publish('1.0.0', 'exec sleep 1000000')
  await publish('2.0.0', 'exec sleep 2000000')
  await publish('3.0.0', 'sleep 0.2; exit 3')
})

afterAll(() => fleet.end())

// A machine without any id of its own draws its identity by chance: written down too late, each start would be another host.
describe
  .skipIf(process.geteuid?.() !== 0)
  .concurrent('killed while it registers, a host with an identity drawn by chance is still one host', () => {
    for (const point of REGISTER) {
      test(point, async ({ onTestFinished }) => {
        const own = await startFleet()
        onTestFinished(() => own.end())
        const doomed = own.startHost('nameless', { BOOTAGENT_CRASH_AT: point }, { machine: 'without id' })
        expect(await doomed.ended).toContain('SIGKILL')
        const host = own.startHost('nameless', {}, { machine: 'without id' })
        await host.line(isReport)
        expect(await hostsOf(own)).toEqual([identityOf(own, 'nameless')])
      })
    }
  })

// The server gives a clone a name of its own; a clone that dies before it has noted it asks again, and is no third host.
describe
  .skipIf(process.geteuid?.() !== 0)
  .concurrent('killed while it registers, a clone is one host, beside the one it was cloned from', () => {
    for (const point of REGISTER) {
      test(point, async ({ onTestFinished }) => {
        const own = await startFleet()
        onTestFinished(() => own.end())
        await own.startHost(CLONED).line(isReport)
        const doomed = own.startHost('clone', { BOOTAGENT_CRASH_AT: point }, { machine: 'a clone' })
        expect(await doomed.ended).toContain('SIGKILL')
        await own.startHost('clone', {}, { machine: 'a clone' }).line(isReport)
        expect(await hostsOf(own)).toEqual([CLONED, identityOf(own, 'clone')].toSorted())
      })
    }
  })

describe.concurrent('killed while it registers, a host does the install that follows once', () => {
  for (const point of REGISTER) {
    test(point, async () => {
      const agentsn = nameOf('register', point)
      await dieAt(point, agentsn)
      const host = fleet.startHost(agentsn)
      await host.line(isReport)
      const job = await ask('install', '1.0.0', agentsn)
      await expectInstalled(host, { agentsn, job, version: '1.0.0' })
    })
  }
})

describe.concurrent('killed while it installs, a host ends with one agent running, one result, and nothing left over', () => {
  for (const point of INSTALL) {
    test(point, async () => {
      const agentsn = nameOf('install', point)
      const { host, job } = await dieDuring(point, agentsn, () => ask('install', '1.0.0', agentsn))
      await expectInstalled(host, { agentsn, job, version: '1.0.0' })
    })
  }
})

// Every write of the one file that matters, and the two moments beside it, however many there are: the sweep ends when none is left.
describe('killed around any write of its metafile, from the first to the last of an install', () => {
  for (const point of ['metafile:before-write', 'metafile:between-copies', 'metafile:written']) {
    test(point, { timeout: 240_000 }, async () => {
      for (let nth = 1; ; nth++) {
        const agentsn = nameOf('metafile', `${point}-${nth}`)
        const fate = await dieSomewhere(`${point}#${nth}`, agentsn, () => ask('install', '1.0.0', agentsn))
        await expectInstalled(fate.host, { agentsn, job: fate.job, version: '1.0.0' })
        if (fate.survived) return expect(nth).toBeGreaterThan(5)
      }
    })
  }
})

describe.concurrent('killed while it upgrades, a host ends with the new release running, once', () => {
  for (const point of UPGRADE) {
    test(point, async () => {
      const agentsn = nameOf('upgrade', point)
      await installFirst(agentsn)
      const { host, job } = await dieDuring(point, agentsn, () => ask('upgrade', '2.0.0', agentsn))
      await expectInstalled(host, { agentsn, job, version: '2.0.0', releases: 2 })
    })
  }
})

describe.concurrent('killed on the way back from a release that does not hold, a host ends with the old one running, and one true result', () => {
  for (const point of WAY_BACK) {
    test(point, async () => {
      const agentsn = nameOf('back', point)
      await installFirst(agentsn)
      const { host, job } = await dieDuring(point, agentsn, () => ask('upgrade', '3.0.0', agentsn), LONG_TRIAL)
      const truth = await settled(host, agentsn, job)
      expect(truth).toMatchObject({
        job: { state: 'failed', errcode: ERRORS['trial-failed'].errcode },
        reported: ['tiny running 1.0.0'],
        recorded: [expect.stringMatching(/^tiny 1\.0\.0-[0-9a-f]{8}$/)],
        processes: 1,
        leftovers: [],
      })
      expect(truth.job.message).toContain('exited with code 3')
      await host.stop()
    })
  }
})

describe.concurrent('killed while it uninstalls, a host ends with nothing of the agent', () => {
  for (const point of UNINSTALL) {
    test(point, async () => {
      const agentsn = nameOf('uninstall', point)
      await installFirst(agentsn)
      const { host, job } = await dieDuring(point, agentsn, () => askFor(['uninstall', 'tiny', '--host', agentsn]))
      expect(await settled(host, agentsn, job)).toMatchObject({
        job: { state: 'succeeded' },
        reported: [],
        recorded: [],
        processes: 0,
      })
      await host.stop()
    })
  }
})

test('every crash point in the daemon is in one of these tables', () => {
  const named = [
    ...REGISTER,
    ...INSTALL,
    ...UPGRADE,
    ...WAY_BACK,
    ...UNINSTALL,
    'metafile:before-write',
    'metafile:between-copies',
    'metafile:written',
    // Of supervision alone: packages/bootagent/test/{supervise,logs}/crash.test.ts.
    'condemn:marked',
    ...['rotate:dropped', 'rotate:copying', 'rotate:copied', 'rotate:shifting', 'rotate:named', 'rotate:emptied'],
  ]
  const passed = new Set(named.map((point) => point.split('#')[0]))
  const literal = sourcesOf(join(import.meta.dirname, '../../packages/bootagent/src')).flatMap((text) => [
    ...text.matchAll(/crashPoint\('([^']+)'\)/g),
  ])
  expect(literal.map(([, point]) => point).filter((point) => !passed.has(point))).toEqual([])
})

async function hostsOf(own: Fleet): Promise<string[]> {
  const { hosts } = JSON.parse(await own.bootfleet('hosts', '--json')) as { hosts: HostSummary[] }
  return hosts.map((each) => each.agentsn).toSorted()
}

/** Who a host believes to be, by its own metafile. */
function identityOf(own: Fleet, home: string): string {
  const metafile = JSON.parse(readFileSync(`${own.homeOf(home)}/metafile.json`, 'utf8')) as Metafile
  return metafile.identity.agentsn
}

/** Starts a host that will die at the point, and waits until it has: a point that is not reached is a fault of the test. */
async function dieAt(point: string, agentsn: string): Promise<void> {
  const host = fleet.startHost(agentsn, { BOOTAGENT_CRASH_AT: point })
  expect(await host.ended).toContain('SIGKILL')
}

/** A host that is known already dies at the point while it works on what is asked, and is started again. */
async function dieDuring(
  point: string,
  agentsn: string,
  request: () => Promise<string>,
  like: HostLike = {},
): Promise<{ host: Program; job: string }> {
  const fate = await dieSomewhere(point, agentsn, request, like)
  expect(fate.survived, `${point} was never reached`).toBe(false)
  return fate
}

async function dieSomewhere(
  point: string,
  agentsn: string,
  request: () => Promise<string>,
  like: HostLike = {},
): Promise<{ host: Program; job: string; survived: boolean }> {
  const doomed = fleet.startHost(agentsn, { BOOTAGENT_CRASH_AT: point }, like)
  const early = await Promise.race([doomed.ended, doomed.line(isReport).catch(() => 'ended')])
  const host = typeof early === 'string' ? fleet.startHost(agentsn, {}, like) : doomed
  if (host !== doomed) await host.line(isReport)
  const job = await request()
  if (host !== doomed) return { host, job, survived: false }
  const acknowledged = doomed.line((line) => line['kind'] === 'reported' && Number(line['results']) > 0).catch(() => 'ended')
  const late = await Promise.race([doomed.ended, acknowledged])
  if (typeof late !== 'string') return { host: doomed, job, survived: true }
  return { host: fleet.startHost(agentsn, {}, like), job, survived: false }
}

async function installFirst(agentsn: string): Promise<void> {
  const host = fleet.startHost(agentsn)
  await host.line(isReport)
  const job = await ask('install', '1.0.0', agentsn)
  await settled(host, agentsn, job)
  await host.stop()
}

async function expectInstalled(host: Program, wanted: { agentsn: string; job: string; version: string; releases?: number }) {
  const truth = await settled(host, wanted.agentsn, wanted.job)
  expect(truth.hosts.filter((each) => each.startsWith(wanted.agentsn))).toEqual([wanted.agentsn])
  expect(truth).toMatchObject({
    job: { state: 'succeeded', errcode: 0 },
    reported: [`tiny running ${wanted.version}`],
    recorded: [expect.stringMatching(new RegExp(`^tiny ${wanted.version.replaceAll('.', '\\.')}-[0-9a-f]{8}$`))],
    processes: 1,
    leftovers: [],
  })
  expect(truth.releases).toHaveLength(wanted.releases ?? 1)
  await host.stop()
}

/** Waits until the server has the job's result and has heard from the host once more, then looks. */
async function settled(host: Program, agentsn: string, job: string) {
  for (let found = await fleet.job(job); !hasEnded(found, agentsn); found = await fleet.job(job)) await host.nextLine(isReport)
  await host.nextLine(isReport)
  return lookAtTruth(fleet, agentsn, job)
}

function isReport(line: Line): boolean {
  return line['kind'] === 'reported'
}

function hasEnded(job: JobDetail, agentsn: string): boolean {
  return job.hosts.some((each) => each.agentsn === agentsn && ['succeeded', 'failed'].includes(each.state))
}

function ask(action: 'install' | 'upgrade', version: string, agentsn: string): Promise<string> {
  return askFor([action, 'tiny', '--package-version', version, '--host', agentsn])
}

async function askFor(args: string[]): Promise<string> {
  return (JSON.parse(await fleet.bootfleet(...args, '--json')) as { id: string }).id
}

async function publish(version: string, body: string): Promise<void> {
  const tree = `${fleet.directory}/tiny-${version}`
  mkdirSync(tree)
  writeFileSync(`${tree}/tiny`, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, 'tiny'])
  await fleet.bootfleet('publish', `${tree}.tar.gz`, '--name', 'tiny', '--package-version', version)
}

function nameOf(story: string, point: string): string {
  return `${story}-${point.replaceAll(/[^a-z0-9]+/g, '-')}.`
}

function sourcesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
}
