import { expect, onTestFinished, test } from 'vitest'
import { type Fleet, startFleet } from '../fleet.ts'
import { hasEnded, isReport, isStep, order, partOf, publishTiny, until } from './stage.ts'

/** Two servers that know nothing of each other, each with a package of its own. */
async function twoServers(): Promise<{ one: Fleet; other: Fleet }> {
  const [one, other] = [await startFleet(), await startFleet()]
  onTestFinished(async () => {
    await one.end()
    await other.end()
  })
  await publishTiny(one, '1.0.0')
  await publishTiny(other, '1.0.0', { name: 'small' })
  return { one, other }
}

test('a job of a server that dies before it has the result is answered to the other, and to the first as soon as it is back', async () => {
  const { one, other } = await twoServers()
  const host = one.startHost('between', {}, { servers: `${one.url},${other.url}`, pace: { trial: 2 } })
  await host.line(isReport)
  const job = await order(one, 'install', 'tiny', '--host', 'between')
  await host.line(isStep('watch'))
  await one.server.stop('SIGKILL')
  await host.line((line) => line['kind'] === 'reported' && line['server'] === other.url && Number(line['results']) > 0)
  const told = host.line((line) => line['kind'] === 'told-owed' && line['server'] === one.url)
  await one.restartServer('SIGKILL')
  await told
  expect(await partOf(one, 'between', job)).toMatchObject({ state: 'succeeded', message: expect.stringContaining('tiny 1.0.0') })

  // The host obeys the server it stays with, and that one's jobs reach it and are answered as ever.
  const next = await order(other, 'install', 'small', '--host', 'between')
  expect(await until({ fleet: other, host, agentsn: 'between', job: next }, hasEnded)).toMatchObject({ state: 'succeeded' })
}, 120_000)

test('a server that a host is moved away from learns that it was', async () => {
  const { one, other } = await twoServers()
  const host = one.startHost('moved')
  await host.line(isReport)
  const told = host.line((line) => line['kind'] === 'told-owed' && line['server'] === one.url)
  const job = await order(one, 'config', '--svrlist', other.url, '--host', 'moved')
  await told
  expect(await partOf(one, 'moved', job)).toMatchObject({ state: 'succeeded' })
  const line = await host.nextLine(isReport)
  expect(line['server']).toBe(other.url)
}, 120_000)
