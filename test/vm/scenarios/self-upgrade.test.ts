import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { packVersion } from '../../own/build-versions.ts'
import { publishAgent } from '../agents.ts'
import { debOf, PACKAGES, VERSIONS } from '../packages/packages.ts'
import { openStage, runsSince, type Stage } from '../stage.ts'

/** Passes its own test, and then cannot run. */
const CRASHES = `case " $* " in *" -V "*) echo "bootagent 1.0.5 (x)"; exit 0 ;; *" -T "*) exit 0 ;; esac
exit 1`

let stage: Stage
/** Of an agent that must notice nothing of all this. */
let agent: number

beforeAll(async () => {
  stage = await openStage('self-upgrade')
  const { fleet } = stage
  await fleet.bootfleet(
    'publish',
    join(PACKAGES, debOf(VERSIONS.second)),
    '--name',
    'BootAgent',
    '--package-version',
    VERSIONS.second,
  )
  const crashing = packVersion('1.0.5', { script: CRASHES }, fleet.directory)
  await fleet.bootfleet('publish', crashing, '--name', 'BootAgent', '--package-version', '1.0.5')
  await publishAgent(fleet, { name: 'bystander', version: '1.0.0', script: 'exec sleep 1000000' })
  await stage.start()
  await stage.install()
  await stage.ended(await stage.order('install', 'bystander'))
  agent = await stage.pidOf('bystander')
})

afterAll(() => stage.end())

test('to a version that crashes at its start: the guard takes the one before back, and one result says why', async () => {
  const job = await upgradeTo('1.0.5')
  expect(await stage.ended(job)).toMatchObject({
    state: 'failed',
    message: expect.stringContaining('BootAgent 1.0.5 did not hold: it was started 3 times'),
  })
  await expectVersion(VERSIONS.first, job)
})

test('to a version that starts and can report to nobody: it goes back by itself, and one result says why', async () => {
  stage.silenced.add(`bootagent-${VERSIONS.second}`)
  const job = await upgradeTo(VERSIONS.second)
  expect(await stage.ended(job)).toMatchObject({
    state: 'failed',
    message: expect.stringContaining(`BootAgent ${VERSIONS.second} did not hold: no server answered it`),
  })
  stage.silenced.clear()
  await expectVersion(VERSIONS.first, job)
})

test('to a version that holds: it runs, and one result says so', async () => {
  const job = await upgradeTo(VERSIONS.second, '--force')
  expect(await stage.ended(job)).toMatchObject({
    errcode: 0,
    message: expect.stringContaining(`BootAgent ${VERSIONS.second} runs`),
  })
  await expectVersion(VERSIONS.second, job)
})

test('after a reboot the new version runs, and not the one that was installed as a package', async () => {
  await stage.machine.reboot()
  const since = Date.now() / 1000
  const { version } = await stage.until((host) => runsSince(host, since))
  expect(version).toContain(VERSIONS.second)
})

async function upgradeTo(version: string, ...more: string[]): Promise<string> {
  return stage.order('upgrade', 'BootAgent', '--package-version', version, ...more)
}

/** Server, command line and unit agree on who runs; the agent has its process. */
async function expectVersion(version: string, job: string): Promise<void> {
  expect((await stage.until((host) => host.version.includes(version))).version).toContain(`bootagent-${version}`)
  expect(await stage.machine.sh('bootagent -V')).toContain(version)
  expect(await stage.machine.sh('systemctl is-active bootagent')).toBe('active')
  expect(await stage.pidOf('bystander')).toBe(agent)
  expect(stage.results(job)).toHaveLength(1)
}
