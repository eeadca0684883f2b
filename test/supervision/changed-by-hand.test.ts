import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Fleet, startFleet } from '../fleet.ts'
import { publishPuppet, startPuppetHost } from './puppet-host.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  await publishPuppet(fleet, '1.0.0')
})

afterAll(() => fleet.end())

test('an uninstall tells the operator what a person had changed in the release and in its configuration', async () => {
  const host = await startPuppetHost(fleet, 'edited')
  const settings = { files: { 'puppet.conf': 'mood good' } }
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings })).toMatchObject({ errcode: 0 })
  const agent = `${fleet.homeOf('edited')}/agents/puppet`
  writeFileSync(`${agent}/current/version`, '1.0.0, mended by hand')
  writeFileSync(`${agent}/config/puppet.conf`, 'mood bad')

  const { state, errcode, message } = await host.order('uninstall', 'puppet')
  expect([state, errcode]).toEqual(['succeeded', 0])
  expect(message).toMatch(
    /^puppet is not on this host; 2 files in its releases had been changed or added since these were put there: "releases\/1\.0\.0-[0-9a-f]{8}\/version", "files\/[0-9a-f]{16}\/puppet\.conf"$/,
  )
})

// Whatever else touches a release between its install and its end is ours, and is nobody's change.
test('an uninstall of what nobody has changed says nothing of changes, whatever it went through', async () => {
  const host = await startPuppetHost(fleet, 'untouched')
  const settings = { files: { 'puppet.conf': 'mood good' } }
  expect(await host.deliver({ action: 'install', version: '1.0.0', settings })).toMatchObject({ errcode: 0 })
  expect(await host.deliver({ action: 'upgrade', version: '1.0.0', settings: { envs: { MOOD: 'good' } } })).toMatchObject({
    errcode: 0,
  })
  await host.kill()
  await host.start()
  expect(await host.order('restart', 'puppet')).toMatchObject({ errcode: 0 })
  expect(await host.order('uninstall', 'puppet')).toMatchObject({ errcode: 0, message: 'puppet is not on this host' })
})
