import { readdirSync } from 'node:fs'
import { ERRORS } from '@bootagent/protocol'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Program } from '../../scripts/demo/program.ts'
import { lookAtTruth } from '../faults/oracle.ts'
import { type Fleet, type HostLike, startFleet } from '../fleet.ts'
import { hasEnded, isReport, isStep, order, partOf, publishTiny, until } from './stage.ts'
import { type StallingPackages, startStallingPackages } from './stalling-packages.ts'

const CANCELLED = { state: 'failed', errcode: ERRORS.cancelled.errcode }
const LONG_TRIAL: HostLike = { pace: { trial: 600 } }

let fleet: Fleet
let stalling: Fleet
let packages: StallingPackages

beforeAll(async () => {
  packages = await startStallingPackages()
  fleet = await startFleet()
  stalling = await startFleet({ options: ['--public-url', packages.url] })
  for (const each of [fleet, stalling]) {
    await publishTiny(each, '1.0.0')
    await publishTiny(each, '2.0.0', { body: 'exec sleep 2000000' })
  }
})

afterAll(async () => {
  await fleet.end()
  await stalling.end()
  await packages.close()
})

/** A host that runs 1.0.0 and would watch the next release for long. */
async function hostAtWork(agentsn: string, env: Record<string, string> = {}): Promise<Program> {
  const first = fleet.startHost(agentsn)
  await first.line(isReport)
  const job = await order(fleet, 'install', 'tiny', '--package-version', '1.0.0', '--host', agentsn)
  await until({ fleet, host: first, agentsn, job }, hasEnded)
  await first.stop()
  const host = fleet.startHost(agentsn, env, LONG_TRIAL)
  await host.line(isReport)
  return host
}

test('an upgrade that is called off in its trial is back at the release before, and both jobs say so', async () => {
  const host = await hostAtWork('in-trial')
  const job = await order(fleet, 'upgrade', 'tiny', '--package-version', '2.0.0', '--host', 'in-trial')
  await host.line(isStep('watch'))
  const cancel = await order(fleet, 'cancel', job)
  const where = { fleet, host, agentsn: 'in-trial' }
  expect(await until({ ...where, job }, hasEnded)).toMatchObject(CANCELLED)
  expect(await until({ ...where, job: cancel }, hasEnded)).toMatchObject({
    state: 'succeeded',
    message: expect.stringMatching(/^upgrade of tiny: called off during its trial; tiny is back at 1\.0\.0-[0-9a-f]{8}$/),
  })
  await host.nextLine(isReport)
  expect(await lookAtTruth(fleet, 'in-trial', job)).toMatchObject({
    reported: ['tiny running 1.0.0'],
    recorded: [expect.stringMatching(/^tiny 1\.0\.0-[0-9a-f]{8}$/)],
    processes: 1,
    leftovers: [],
  })
})

describe('a download that hangs', () => {
  test('is cut short, its worker is gone, and nothing is left of it', async () => {
    const host = stalling.startHost('hanging')
    await host.line(isReport)
    const job = await order(stalling, 'install', 'tiny', '--host', 'hanging')
    await packages.asked
    await host.line(isStep('download'))
    const cancel = await order(stalling, 'cancel', job)
    const where = { fleet: stalling, host, agentsn: 'hanging' }
    expect(await until({ ...where, job }, hasEnded)).toMatchObject({
      ...CANCELLED,
      message: 'called off before anything was changed',
    })
    expect(await until({ ...where, job: cancel }, hasEnded)).toMatchObject({ state: 'succeeded' })
    const truth = await lookAtTruth(stalling, 'hanging', job)
    expect(truth).toMatchObject({ recorded: [], processes: 0, leftovers: [] })
    expect(readdirSync(`${stalling.homeOf('hanging')}/packages`)).toEqual([])
  })

  test('holds up nobody who is called off behind it: neither in its lane nor for its slot', async () => {
    const host = stalling.startHost('crowded')
    await host.line(isReport)
    for (const name of ['one', 'two', 'three']) await publishTiny(stalling, '1.0.0', { name })
    const at = ['--host', 'crowded']
    const first = await order(stalling, 'install', 'tiny', ...at)
    await host.line((line) => line['kind'] === 'step-begun' && line['job'] === first && line['step'] === 'download')
    const behind = [await order(stalling, 'upgrade', 'tiny', ...at)]
    for (const name of ['one', 'two', 'three']) behind.push(await order(stalling, 'install', name, ...at))
    const last = behind.at(-1) ?? ''
    await host.line((line) => line['kind'] === 'step-begun' && line['job'] === last)
    const where = { fleet: stalling, host, agentsn: 'crowded' }
    for (const job of behind) {
      await order(stalling, 'cancel', job)
      expect(await until({ ...where, job }, hasEnded)).toMatchObject(CANCELLED)
    }
    expect(await partOf(stalling, 'crowded', first)).toMatchObject({ state: 'running' })
  })
})

test('what a host was never told of ends at the server, and the host is never told', async () => {
  const first = fleet.startHost('away')
  await first.line(isReport)
  await first.stop()
  const job = await order(fleet, 'install', 'tiny', '--host', 'away')
  const cancel = await order(fleet, 'cancel', job)
  expect(await partOf(fleet, 'away', job)).toMatchObject(CANCELLED)
  expect(await partOf(fleet, 'away', cancel)).toMatchObject({ state: 'succeeded' })
  const host = fleet.startHost('away')
  await host.line(isReport)
  expect(await lookAtTruth(fleet, 'away', job)).toMatchObject({ recorded: [], processes: 0 })
})

test('what has ended cannot be called off, and the operator is told so', async () => {
  const host = fleet.startHost('ended')
  await host.line(isReport)
  const job = await order(fleet, 'uninstall', 'tiny', '--host', 'ended')
  await until({ fleet, host, agentsn: 'ended', job }, hasEnded)
  await expect(fleet.bootfleet('cancel', job)).rejects.toThrow('has ended on every host: there is nothing to call off')
})

describe.concurrent('killed while it calls an upgrade off, a host ends with the old release running, and one true result', () => {
  // The second `finish` is the cancel's: the job it calls off ends before it.
  const points = [
    ...['call-off:before', 'call-off:recorded', 'call-off:after', 'go-back:recorded'],
    ...['finish:before', 'finish:recorded', 'finish:before#2', 'finish:recorded#2'],
  ]
  for (const point of points) {
    test(point, { timeout: 240_000 }, async () => {
      const agentsn = `killed-${point.replaceAll(/[^a-z0-9]+/g, '-')}.`
      const doomed = await hostAtWork(agentsn, { BOOTAGENT_CRASH_AT: point })
      const job = await order(fleet, 'upgrade', 'tiny', '--package-version', '2.0.0', '--host', agentsn)
      await doomed.line(isStep('watch'))
      const cancel = await order(fleet, 'cancel', job)
      expect(await doomed.ended).toContain('SIGKILL')
      const host = fleet.startHost(agentsn, {}, LONG_TRIAL)
      const where = { fleet, host, agentsn }
      expect(await until({ ...where, job }, hasEnded)).toMatchObject(CANCELLED)
      expect(await until({ ...where, job: cancel }, hasEnded)).toMatchObject({ state: 'succeeded' })
      await host.nextLine(isReport)
      expect(await lookAtTruth(fleet, agentsn, job)).toMatchObject({
        reported: ['tiny running 1.0.0'],
        recorded: [expect.stringMatching(/^tiny 1\.0\.0-[0-9a-f]{8}$/)],
        processes: 1,
        leftovers: [],
      })
      await host.stop()
    })
  }
})
