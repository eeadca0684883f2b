import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import type { HostDetail } from '@bootagent/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../fleet.ts'

const ROOT = `${import.meta.dirname}/../..`

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  const directory = `${fleet.directory}/packages/burner`
  mkdirSync(directory, { recursive: true })
  writeFileSync(`${directory}/burner`, '#!/bin/sh\necho I take what I can\nwhile :; do :; done\n', { mode: 0o755 })
  execFileSync('tar', ['-czf', `${directory}-1.0.0.tar.gz`, '-C', directory, '.'])
  await fleet.bootfleet('publish', `${directory}-1.0.0.tar.gz`)
})

afterAll(() => fleet.end())

// As in a container that was given no control groups to write to.
test('where the kernel holds no limits they are watched: over one check after check, an agent is killed for it and said to be', async () => {
  const pace = { limits: { driver: 'none', watch: 0.1 }, restart: { grace: 5, delay: 3600 } } as const
  const host = fleet.startHost('bare', {}, { pace })
  await host.line(({ kind }) => kind === 'reported')
  await fleet.bootfleet('install', 'burner', '--host', 'bare', '--cpu', '10%')
  await host.line((line) => line['kind'] === 'agent-started')
  const exited = await host.line((line) => line['kind'] === 'agent-exited')
  expect(exited['exit']).toMatchObject({
    cause: 'over-limit',
    abnormal: true,
    detail: expect.stringContaining('5 checks in a row'),
  })

  const told = await hostWhere(host, ({ agents }) => agents[0]?.status === 'killed')
  expect(told.agents).toMatchObject([{ status: 'killed', state: 'waiting', cause: 'over-limit' }])
  const main = [`${ROOT}/packages/bootagent/src/main.ts`, 'status', '--home', fleet.homeOf('bare')]
  const status = execFileSync(process.execPath, main, { encoding: 'utf8' })
  expect(status).toMatch(/^Limits by none: /m)
  expect(status).toMatch(/^ +burner: CPU 10% is advisory/m)
})

async function hostWhere(host: ReturnType<Fleet['startHost']>, isSo: (detail: HostDetail) => boolean): Promise<HostDetail> {
  for (;;) {
    const detail = await fleet.host('bare')
    if (isSo(detail)) return detail
    await host.nextLine(({ kind }) => kind === 'reported')
  }
}
