import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { ERRORS, type HostSummary, type JobDetail } from '@bootagent/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EXECUTORS } from '../../packages/bootagent/src/execute/executors.ts'
import type { Metafile } from '../../packages/bootagent/src/state/metafile-schema.ts'
import type { Line, Program } from '../../scripts/demo/program.ts'
import { CLONED, type Fleet, type HostLike, startFleet } from '../fleet.ts'
import { CRASH_POINTS } from './crash-points.ts'
import { lookAtProcesses, lookAtTruth } from './oracle.ts'
import { restoreHome, saveHome } from './saved-home.ts'

/** On a busy machine a program may sleep for longer than a short trial lasts, and would then have passed it. */
const LONG_TRIAL: HostLike = { pace: { trial: 600 } }

/** Homes that hosts begin from: with `tiny` 1.0.0, and upgraded from that to 2.0.0. */
let saved: { readonly first: string; readonly second: string }
let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  writeFileSync(`${fleet.directory}/colour`, 'green')
  await publish('tiny', '1.0.0', 'exec sleep 1000000')
  await publish('tiny', '2.0.0', 'exec sleep 2000000')
  await publish('tiny', '3.0.0', 'sleep 0.2; exit 3')
  await publish('small', '1.0.0', 'exec sleep 1500000')
  const install = ['install', 'tiny', '--package-version', '1.0.0']
  const [first, second] = await Promise.all([
    saveHome(fleet, 'saved-first', [install]),
    saveHome(fleet, 'saved-second', [install, ['upgrade', 'tiny', '--package-version', '2.0.0']]),
  ])
  saved = { first, second }
})

afterAll(() => fleet.end())

// A machine without any id of its own draws its identity by chance: written down too late, each start would be another host.
describe
  .skipIf(process.geteuid?.() !== 0)
  .concurrent('killed while it registers, a host with an identity drawn by chance is still one host', () => {
    for (const point of CRASH_POINTS.register) {
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
    for (const point of CRASH_POINTS.register) {
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
  for (const point of CRASH_POINTS.register) {
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
  for (const point of CRASH_POINTS.install) {
    test(point, async () => {
      const agentsn = nameOf('install', point)
      const { host, job } = await dieDuring(point, agentsn, () => ask('install', '1.0.0', agentsn))
      await expectInstalled(host, { agentsn, job, version: '1.0.0' })
    })
  }
})

// Every write of the one file that matters, and the two moments beside it, however many there are: the sweep ends when none is left.
describe('killed around any write of its metafile, from the first to the last of an install', () => {
  for (const point of CRASH_POINTS.metafile) {
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
  for (const point of CRASH_POINTS.upgrade) {
    test(point, async () => {
      const agentsn = nameOf('upgrade', point)
      await startFrom(saved.first, agentsn)
      const { host, job } = await dieDuring(point, agentsn, () => ask('upgrade', '2.0.0', agentsn))
      await expectInstalled(host, { agentsn, job, version: '2.0.0', releases: 2 })
    })
  }
})

describe.concurrent('killed on the way back from a release that does not hold, a host ends with the old one running, and one true result', () => {
  for (const point of CRASH_POINTS.wayBack) {
    test(point, async () => {
      const agentsn = nameOf('back', point)
      await startFrom(saved.first, agentsn)
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

describe.concurrent('killed while it uninstalls, a host ends with nothing of the agent, and tells what had been changed in it', () => {
  for (const point of CRASH_POINTS.uninstall) {
    test(point, async () => {
      const agentsn = nameOf('uninstall', point)
      await startFrom(saved.first, agentsn)
      writeFileSync(`${fleet.homeOf(agentsn)}/agents/tiny/current/notes`, 'by hand')
      const { host, job } = await dieDuring(point, agentsn, () => askFor(['uninstall', 'tiny', '--host', agentsn]))
      const changed = 'tiny is not on this host; 1 file in its releases had been changed or added since these were put there: '
      expect(await settled(host, agentsn, job)).toMatchObject({
        job: { state: 'succeeded', message: expect.stringMatching(`^${changed}"releases/1.0.0-[0-9a-f]{8}/notes"$`) },
        reported: [],
        recorded: [],
        processes: 0,
      })
      await host.stop()
    })
  }
})

describe.concurrent('killed while it rolls back, a host ends with the release before running, once', () => {
  for (const point of CRASH_POINTS.rollback) {
    test(point, async () => {
      const agentsn = nameOf('rollback', point)
      await startFrom(saved.second, agentsn)
      const { host, job } = await dieDuring(point, agentsn, () => askFor(['rollback', 'tiny', '--host', agentsn]))
      await expectInstalled(host, { agentsn, job, version: '1.0.0', releases: 2 })
    })
  }
})

describe.concurrent('killed while an agent is given another environment and a file, a host ends with one agent that has both', () => {
  for (const point of CRASH_POINTS.settings) {
    test(point, async () => {
      const agentsn = nameOf('settings', point)
      await startFrom(saved.first, agentsn)
      const { host, job } = await dieDuring(point, agentsn, () =>
        askSettings(agentsn, '--env', 'COLOUR=green', '--file', `a/colour=${fleet.directory}/colour`),
      )
      await expectInstalled(host, { agentsn, job, version: '1.0.0' })
      expect(recordOf(agentsn)).toMatchObject({ envs: { COLOUR: 'green' } })
      const [run, ...others] = lookAtProcesses(fleet.homeOf(agentsn))
      expect(others).toEqual([])
      expect(run?.environment['COLOUR']).toBe('green')
      expect(readFileSync(`${run?.environment['BOOTAGENT_CONFIG']}/a/colour`, 'utf8')).toBe('green')
    })
  }
})

describe.concurrent('killed while an agent is given other limits, a host ends with the process it had, and the limits on record', () => {
  for (const point of CRASH_POINTS.limits) {
    test(point, async () => {
      const agentsn = nameOf('limits', point)
      await startFrom(saved.first, agentsn)
      const before = lookAtProcesses(fleet.homeOf(agentsn)).map(({ pid }) => pid)
      const { host, job } = await dieDuring(point, agentsn, () => askSettings(agentsn, '--nofile', '77'))
      await expectInstalled(host, { agentsn, job, version: '1.0.0' })
      expect(recordOf(agentsn)).toMatchObject({ limits: { nofile: 77 } })
      expect(lookAtProcesses(fleet.homeOf(agentsn)).map(({ pid }) => pid)).toEqual(before)
    })
  }
})

describe.concurrent('killed while it is given another step, a host ends with it, and one result', () => {
  for (const point of CRASH_POINTS.step) {
    test(point, async () => {
      const agentsn = nameOf('step', point)
      await startFrom(saved.first, agentsn)
      const { host, job } = await dieDuring(point, agentsn, () => askFor(['config', '--step', '1', '--host', agentsn]))
      await expectInstalled(host, { agentsn, job, version: '1.0.0' })
      expect(metafileOf(agentsn).step).toBe(1)
    })
  }
})

describe.concurrent('killed while it is given other servers, a host ends with them, and one result', () => {
  for (const point of CRASH_POINTS.servers) {
    test(point, async () => {
      const agentsn = nameOf('servers', point)
      await startFrom(saved.first, agentsn)
      const list = `${fleet.url},${fleet.url}`
      const { host, job } = await dieDuring(point, agentsn, () => askFor(['config', '--svrlist', list, '--host', agentsn]))
      await expectInstalled(host, { agentsn, job, version: '1.0.0' })
      expect(metafileOf(agentsn).svrlist).toBe(list)
    })
  }
})

describe.concurrent('killed while two jobs are at work on two agents, a host ends with both done, each once', () => {
  for (const point of CRASH_POINTS.sideBySide) {
    test(point, async () => {
      const agentsn = nameOf('side-by-side', point)
      await startFrom(saved.first, agentsn)
      let other = ''
      const askBoth = async () => {
        const both = [ask('upgrade', '2.0.0', agentsn), askFor(['install', 'small', '--host', agentsn])] as const
        other = await both[1]
        return both[0]
      }
      const { host, job } = await dieDuring(point, agentsn, askBoth, { results: 2 })
      await settled(host, agentsn, job)
      const truth = await settled(host, agentsn, other)
      expect((await lookAtTruth(fleet, agentsn, job)).job).toMatchObject({ state: 'succeeded', errcode: 0 })
      expect(truth).toMatchObject({ job: { state: 'succeeded', errcode: 0 }, leftovers: [] })
      expect(truth.reported.toSorted()).toEqual(['small running 1.0.0', 'tiny running 2.0.0'])
      expect(truth.running.toSorted()).toEqual(['sleep 1500000', 'sleep 2000000'])
      await host.stop()
    })
  }
})

describe('every place where the daemon can be killed', () => {
  const named = new Set(Object.values(CRASH_POINTS).flatMap((points) => points.map((point) => point.split('#')[0])))

  test('is in the table, when its code names it', () => {
    const literal = sourcesOf(join(import.meta.dirname, '../../packages/bootagent/src')).flatMap((text) => [
      ...text.matchAll(/crashPoint\('([^']+)'\)/g),
    ])
    expect(literal.map(([, point = '']) => point).filter((point) => !named.has(point))).toEqual([])
  })

  test('is in the table, when it is the begin or the end of a step', () => {
    const around = Object.keys(EXECUTORS).flatMap((kind) => [`${kind}:before`, `${kind}:after`])
    expect(around.filter((point) => !named.has(point))).toEqual([])
  })
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

function metafileOf(agentsn: string): Metafile {
  return JSON.parse(readFileSync(`${fleet.homeOf(agentsn)}/metafile.json`, 'utf8')) as Metafile
}

/** How `tiny` is run, by the metafile. */
function recordOf(agentsn: string): unknown {
  const tiny = metafileOf(agentsn).agents['tiny']
  return tiny?.releases[tiny.release ?? '']
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
  like: Doomed = {},
): Promise<{ host: Program; job: string }> {
  const fate = await dieSomewhere(point, agentsn, request, like)
  expect(fate.survived, `${point} was never reached`).toBe(false)
  return fate
}

/** A host that may die on the way, and how many results it owes when it does not. */
interface Doomed extends HostLike {
  readonly results?: number
}

async function dieSomewhere(
  point: string,
  agentsn: string,
  request: () => Promise<string>,
  like: Doomed = {},
): Promise<{ host: Program; job: string; survived: boolean }> {
  const doomed = fleet.startHost(agentsn, { BOOTAGENT_CRASH_AT: point }, like)
  const early = await Promise.race([doomed.ended, doomed.line(isReport).catch(() => 'ended')])
  const host = typeof early === 'string' ? fleet.startHost(agentsn, {}, like) : doomed
  if (host !== doomed) await host.line(isReport)
  const job = await request()
  if (host !== doomed) return { host, job, survived: false }
  let owed = like.results ?? 1
  const acknowledged = doomed
    .line((line) => line['kind'] === 'reported' && (owed -= Number(line['results'])) <= 0)
    .catch(() => 'ended')
  const late = await Promise.race([doomed.ended, acknowledged])
  if (typeof late !== 'string') return { host: doomed, job, survived: true }
  return { host: fleet.startHost(agentsn, {}, like), job, survived: false }
}

/** A host that the server knows, with its agent running, and nobody to look after it yet. */
async function startFrom(home: string, agentsn: string): Promise<void> {
  restoreHome(home, fleet.homeOf(agentsn), { agentsn })
  const host = fleet.startHost(agentsn)
  await Promise.all([host.line(isReport), host.line((line) => line['kind'] === 'agent-started')])
  await host.stop()
}

async function expectInstalled(host: Program, wanted: { agentsn: string; job: string; version: string; releases?: number }) {
  const truth = await settled(host, wanted.agentsn, wanted.job)
  expect(truth.hosts.filter((each) => each.startsWith(wanted.agentsn))).toEqual([wanted.agentsn])
  expect(truth).toMatchObject({
    job: { state: 'succeeded', errcode: 0 },
    reported: [`tiny running ${wanted.version}`],
    recorded: [expect.stringMatching(new RegExp(`^tiny ${wanted.version.replaceAll('.', '\\.')}-[0-9a-f]{8}(?:\\.2)?$`))],
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

function askSettings(agentsn: string, ...settings: string[]): Promise<string> {
  return askFor(['upgrade', 'tiny', '--package-version', '1.0.0', ...settings, '--host', agentsn])
}

function ask(action: 'install' | 'upgrade', version: string, agentsn: string): Promise<string> {
  return askFor([action, 'tiny', '--package-version', version, '--host', agentsn])
}

async function askFor(args: string[]): Promise<string> {
  return (JSON.parse(await fleet.bootfleet(...args, '--json')) as { id: string }).id
}

async function publish(name: string, version: string, body: string): Promise<void> {
  const tree = `${fleet.directory}/${name}-${version}`
  mkdirSync(tree)
  writeFileSync(`${tree}/${name}`, `#!/bin/sh\n${body}\n`, { mode: 0o755 })
  execFileSync('tar', ['-C', tree, '-czf', `${tree}.tar.gz`, name])
  await fleet.bootfleet('publish', `${tree}.tar.gz`, '--name', name, '--package-version', version)
}

function nameOf(story: string, point: string): string {
  return `${story}-${point.replaceAll(/[^a-z0-9]+/g, '-')}.`
}

function sourcesOf(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map((name) => readFileSync(join(directory, name), 'utf8'))
}
