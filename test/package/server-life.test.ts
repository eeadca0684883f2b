import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { fakeBuild } from './fake-build.ts'
import { CAN_LEND, type OwnSystem, ownSystem } from './own-system.ts'
import { runPackage } from './run-package.ts'

let directory: string
let made: Readonly<Record<string, string>>
let system: OwnSystem

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootserver-life-test-'))
  fakeBuild(directory, { version: '1.0.0' })
  made = await runPackage(directory, 'BootServer', '1.0.0')
})
afterAll(() => rmSync(directory, { recursive: true }))

beforeEach(() => {
  system = ownSystem({ systemd: true })
  for (const [format, path] of Object.entries(made)) system.put(`/package.${format}`, readFileSync(path))
})
afterEach(() => system.remove())

const INSTALLS = {
  deb: 'dpkg -i /package.deb',
  rpm: 'rpm --force-debian --nodeps -i /package.rpm',
  'tar.gz': 'mkdir -p /unpacked; tar -xzf /package.tar.gz -C /unpacked; /unpacked/install.sh',
} as const

test.skipIf(!CAN_LEND).for(Object.entries(INSTALLS))(
  'installed from its %s the server has a user of its own, and is started, now and at each boot',
  async ([, install]) => {
    await system.ok(install)
    await system.ok('[ -L /etc/systemd/system/multi-user.target.wants/bootserver.service ]')
    expect((await system.calls()).join('\n')).toMatch(/ (?:re)?start bootserver\.service$/)
    expect(await system.ok('getent passwd bootserver')).toMatch(/:\/var\/lib\/bootserver:\S*nologin$/m)
  },
)

test.skipIf(!CAN_LEND)('installed again over itself the server is started anew', async () => {
  await system.ok(`${INSTALLS.deb}; : >/calls; ${INSTALLS.deb}`)
  expect(await system.calls()).toContain('systemctl --quiet --system restart bootserver.service')
})

test.skipIf(!CAN_LEND)('a removal stops the server and keeps its data; a purge leaves only the user', async () => {
  await system.ok(`${INSTALLS.deb}; mkdir -p /var/lib/bootserver; echo x >/var/lib/bootserver/bootserver.db; : >/calls`)
  await system.ok('dpkg -r bootserver; test -e /var/lib/bootserver/bootserver.db')
  expect(await system.calls()).toEqual(['systemctl stop bootserver.service', 'systemctl --system daemon-reload'])
  await system.ok('dpkg -P bootserver; getent passwd bootserver')
  expect(system.added(/bootserver[^/]*$/)).toEqual([])
})
