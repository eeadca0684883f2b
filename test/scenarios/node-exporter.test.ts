import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync } from 'node:fs'
import process from 'node:process'
import { silentLog } from '@bootagent/runtime'
import { createJumpClock, type JumpClock } from '@bootagent/runtime/testing'
import { type BootAgent, compose, pathsOf, readConfig, workerProgram } from 'bootagent'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { debianPackage } from '../../scripts/debian.ts'
import { type Fleet, freePort, startFleet } from '../fleet.ts'
import { createStory, type Story } from '../story.ts'

/** Debian's own package, and what it calls its program. */
const NAME = 'prometheus-node-exporter'
const EXEC = `usr/bin/${NAME}`

let fleet: Fleet
let clock: JumpClock
let host: BootAgent
let story: Story
let port: number

beforeAll(async () => {
  fleet = await startFleet()
  port = await freePort()
  await startHost()
})

afterAll(async () => {
  await host.stop()
  await fleet.end()
})

// The seed's own rhythm throughout: a report every 10 minutes, a trial of 60 s, no restart within 3 minutes. Only the clock is moved.
test('Debian’s node exporter is installed from its .deb, as it comes, over http', async () => {
  await fleet.bootfleet(
    'publish',
    await debianPackage(NAME),
    '--name',
    NAME,
    '--exec',
    EXEC,
    '--arg',
    `--web.listen-address=127.0.0.1:${port}`,
  )
  const result = await carryOut('install', NAME, '--all')
  expect(result).toMatchObject({ errcode: 0 })
  expect(result.message).toMatch(/runs/)
  expect(await scrape()).toContain('node_exporter_build_info')
})

test('its host reports it running, with its release', async () => {
  const { agents } = await fleet.host('node-exporter-host')
  expect(agents).toMatchObject([{ name: NAME, status: 'running', version: '1.5.0-1+b6' }])
})

test('BootAgent is replaced, and the exporter runs on with the same pid', async () => {
  const { pid } = story.last('agent-started')
  await host.stop()
  await startHost()
  expect(story.last('agent-adopted')).toMatchObject({ name: NAME, pid })
})

test('killed, it comes back by the policy: not before three minutes have passed, and then by itself', async () => {
  const { pid } = story.last('agent-adopted')
  const [exited, waiting] = [story.next('agent-exited'), story.next('agent-waiting')]
  process.kill(pid, 'SIGKILL')
  const { exit } = await exited
  expect(exit).toMatchObject({ signal: 'SIGKILL', abnormal: true })
  const { until } = await waiting
  expect(until - exit.at).toBeGreaterThanOrEqual(180)
  expect(until - exit.at).toBeLessThanOrEqual(198)
  const restarted = story.next('agent-started')
  await clock.jump(170)
  expect(story.count('agent-started')).toBe(0)
  await clock.jump(30)
  expect((await restarted).pid).not.toBe(pid)
  expect(await scrape()).toContain('node_exporter_build_info')
})

test('it is upgraded to our own tar.gz of its binary, and the old release stays to go back to', async () => {
  await fleet.bootfleet(
    'publish',
    await ownArchive(),
    '--name',
    NAME,
    '--package-version',
    '1.5.0+ours',
    '--exec',
    `bin/${NAME}`,
    '--arg',
    `--web.listen-address=127.0.0.1:${port}`,
  )
  const before = story.last('agent-started').pid
  expect(await carryOut('upgrade', NAME, '--package-version', '1.5.0+ours', '--all')).toMatchObject({ errcode: 0 })
  expect(story.last('agent-started').pid).not.toBe(before)
  expect(await scrape()).toContain('node_exporter_build_info')
  const record = host.metafile.read().agents[NAME]
  expect(record?.release).toMatch(/^1\.5\.0\+ours-/)
  expect(record?.previous).toMatch(/^1\.5\.0-1\+b6-/)
})

test('it is uninstalled, and nothing listens any more', async () => {
  expect(await carryOut('uninstall', NAME, '--all')).toMatchObject({ errcode: 0 })
  await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow('fetch failed')
  expect((await fleet.host('node-exporter-host')).agents).toEqual([])
})

/** A BootAgent in this process, so that its clock is ours to move; a new one begins with the clock the kernel stamps exits by. */
async function startHost(): Promise<void> {
  clock = createJumpClock()
  story = createStory()
  host = await compose({
    paths: pathsOf(`${fleet.directory}/host`, `${fleet.directory}/host/run`),
    config: readConfig(undefined),
    version: '0.1.0',
    baked: '',
    servers: fleet.url,
    agentsn: 'node-exporter-host',
    own: { running: undefined, options: [] },
    worker: workerProgram(`${import.meta.dirname}/../../packages/bootagent/src/main.ts`),
    pidFile: undefined,
    guard: () => undefined,
    startedWith: [],
    clock,
    random: () => 0.5,
    log: silentLog,
    listeners: [story.tell],
  })
  const reported = story.next('reported')
  await host.start()
  await reported
}

/** Asks for a job and moves the clock to the next report, through the trial if there is one, and to the result's acknowledgement. */
async function carryOut(...args: string[]): Promise<{ errcode: number; message: string }> {
  const { id } = JSON.parse(await fleet.bootfleet(...args, '--json')) as { id: string }
  const accepted = story.next('job-accepted')
  const watched = story.nextWhere((each) => each.kind === 'job-done' || (each.kind === 'step-begun' && each.step === 'watch'))
  await clock.jump(STEP)
  await accepted
  if ((await watched).kind === 'step-begun') {
    const done = story.next('job-done')
    await clock.jump(TRIAL)
    await done
  }
  const told = story.nextWhere((each) => each.kind === 'reported' && each.results > 0)
  await clock.jump(GAP)
  await told
  const [on] = (await fleet.job(id)).hosts
  return { errcode: on?.errcode ?? -1, message: on?.message ?? '' }
}

/** Seconds, each a little more than the wait it ends: reports are spread by 10 %. */
const STEP = 661
const TRIAL = 61
const GAP = 11

/** The exporter needs a moment from its start until it listens. */
async function scrape(): Promise<string> {
  for (;;) {
    try {
      return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
}

/** The binary of Debian's package in an archive of ours. */
async function ownArchive(): Promise<string> {
  const [unpacked, tree] = [`${fleet.directory}/unpacked`, `${fleet.directory}/tree`]
  execFileSync('dpkg-deb', ['-x', await debianPackage(NAME), unpacked])
  mkdirSync(`${tree}/bin`, { recursive: true })
  cpSync(`${unpacked}/${EXEC}`, `${tree}/bin/${NAME}`)
  chmodSync(`${tree}/bin/${NAME}`, 0o755)
  execFileSync('tar', ['-C', tree, '-czf', `${fleet.directory}/${NAME}-ours.tar.gz`, 'bin'])
  return `${fleet.directory}/${NAME}-ours.tar.gz`
}
