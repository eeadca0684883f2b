import { readFileSync } from 'node:fs'
import { ERRORS, type JobSummary } from '@bootagent/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { lookAtTruth } from '../faults/oracle.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { hasEnded, isReport, isStep, order, partOf, publishTiny, until } from './stage.ts'

/** It writes down each of its starts and ends, so that two of it at once would show. */
const BODY = `
echo start >> "$BOOTAGENT_DATA/life"
trap 'echo end >> "$BOOTAGENT_DATA/life"; exit 0' TERM
while :; do sleep 1000000 & wait $!; done`

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  for (const version of ['1.0.0', '2.0.0', '3.0.0']) await publishTiny(fleet, version, { body: BODY })
})

afterAll(() => fleet.end())

async function hostWithTiny(agentsn: string) {
  const host = fleet.startHost(agentsn)
  await host.line(isReport)
  const job = await order(fleet, 'install', 'tiny', '--package-version', '1.0.0', '--host', agentsn)
  await until({ fleet, host, agentsn, job }, hasEnded)
  return host
}

test('stop, restart and upgrade of one agent at once are done one after another, the first two ahead', async () => {
  const host = await hostWithTiny('at-once')
  const at = ['tiny', '--host', 'at-once']
  const upgrade = await order(fleet, 'upgrade', 'tiny', '--package-version', '2.0.0', '--host', 'at-once')
  const jobs = [
    upgrade,
    await order(fleet, 'stop', ...at),
    await order(fleet, 'restart', ...at),
    await order(fleet, 'start', ...at),
  ]
  for (const job of jobs) {
    expect(await until({ fleet, host, agentsn: 'at-once', job }, hasEnded)).toMatchObject({ state: 'succeeded' })
  }
  await host.nextLine(isReport)
  expect(await lookAtTruth(fleet, 'at-once', upgrade)).toMatchObject({ reported: ['tiny running 2.0.0'], processes: 1 })
  const life = readFileSync(`${fleet.homeOf('at-once')}/agents/tiny/data/life`, 'utf8')
    .trim()
    .split('\n')
  expect(life).toEqual(life.map((_, n) => (n % 2 === 0 ? 'start' : 'end')))
}, 120_000)

test('a job that waits tells for which, and is answered when its deadline passes, while that one goes on', async () => {
  const first = await hostWithTiny('waiting')
  await first.stop()
  const host = fleet.startHost('waiting', {}, { pace: { trial: 600 } })
  await host.line(isReport)
  const upgrade = await order(fleet, 'upgrade', 'tiny', '--package-version', '2.0.0', '--host', 'waiting')
  await host.line(isStep('watch'))
  const deadline = Math.floor(Date.now() / 1000) + 3
  const late = await orderByApi(fleet, { target: { hosts: ['waiting'] }, action: 'start', name: 'tiny', deadline })
  const patient = await order(fleet, 'start', 'tiny', '--host', 'waiting')
  const where = { fleet, host, agentsn: 'waiting' }
  expect(await until({ ...where, job: patient }, ({ state }) => state === 'running')).toMatchObject({
    progress: { stage: `waits for the upgrade of job ${upgrade}` },
  })
  expect(await until({ ...where, job: late }, hasEnded)).toMatchObject({ errcode: ERRORS['deadline-passed'].errcode })
  expect(await partOf(fleet, 'waiting', upgrade)).toMatchObject({ state: 'running' })
}, 120_000)

// A host that was away for long comes back to all that was asked of it meanwhile.
test('of a thousand upgrades that wait for a host the last is done, and the others are answered', async () => {
  const first = await hostWithTiny('thousand')
  await first.stop()
  const ask = (version: string) =>
    orderByApi(fleet, { target: { hosts: ['thousand'] }, action: 'upgrade', name: 'tiny', version })
  for (let n = 0; n < 999; n++) await ask('2.0.0')
  const last = await ask('3.0.0')
  const host = fleet.startHost('thousand')
  expect(await until({ fleet, host, agentsn: 'thousand', job: last }, hasEnded)).toMatchObject({ state: 'succeeded' })
  await host.nextLine(isReport)
  const detail = await fleet.host('thousand')
  expect(detail.openJobs).toBe(0)
  expect(detail.agents).toMatchObject([{ name: 'tiny', version: '3.0.0', status: 'running' }])
  const { jobs } = JSON.parse(await fleet.bootfleet('jobs', '--json')) as { jobs: JobSummary[] }
  const ended = jobs.filter(({ action, name }) => action === 'upgrade' && name === 'tiny').map(({ counts }) => counts)
  expect(ended.every(({ succeeded, failed }) => succeeded + failed === 1)).toBe(true)
  // One in each reply of fifty is left by the overtaking, at most.
  expect(ended.filter(({ succeeded }) => succeeded === 1).length).toBeLessThanOrEqual(10)
}, 240_000)

async function orderByApi(where: Fleet, request: object): Promise<string> {
  const body = JSON.stringify(request)
  const response = await fetch(`${where.url}/api/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBe(200)
  return ((await response.json()) as { id: string }).id
}
