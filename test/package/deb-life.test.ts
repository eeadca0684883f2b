import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { fakeBuild } from './fake-build.ts'
import { BOOTAGENT_RUNS, CAN_LEND, type OwnSystem, ownSystem } from './own-system.ts'
import { runPackage } from './run-package.ts'

const BUILDS = {
  bare: { version: '1.0.0' },
  told: { version: '1.0.0', servers: 'booter.example.com' },
  newer: { version: '1.1.0' },
}

let directory: string
const debs: Record<string, string> = {}
let system: OwnSystem

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-deb-test-'))
  for (const [name, facts] of Object.entries(BUILDS)) {
    fakeBuild(join(directory, name), facts)
    const made = await runPackage(join(directory, name), 'BootAgent', facts.version, '--only', 'deb')
    debs[name] = made['deb'] ?? ''
  }
})
afterAll(() => rmSync(directory, { recursive: true }))

beforeEach(() => {
  system = ownSystem({ systemd: true })
  for (const [name, path] of Object.entries(debs)) system.put(`/${name}.deb`, readFileSync(path))
})
afterEach(() => system.remove())

const ENABLED = '[ -L /etc/systemd/system/multi-user.target.wants/bootagent.service ]'

test.skipIf(!CAN_LEND)('an install that knows no server starts nothing, and says what to do', async () => {
  const said = await system.ok('dpkg -i /bare.deb')
  expect(said).toContain('none is named in /etc/bootagent/options')
  expect(said).toContain('systemctl enable --now bootagent')
  expect((await system.run(ENABLED)).code).toBe(1)
  expect((await system.calls()).join()).not.toContain('start')
})

test.skipIf(!CAN_LEND)('an install with servers built in is started, now and at each boot', async () => {
  await system.ok('dpkg -i /told.deb')
  await system.ok(ENABLED)
  expect(await system.calls()).toContain('systemctl --quiet --system start bootagent.service')
})

test.skipIf(!CAN_LEND)('where policy-rc.d forbids it, as in images, nothing is started; at boot it is', async () => {
  await system.ok("printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d; chmod 755 /usr/sbin/policy-rc.d; dpkg -i /told.deb")
  expect((await system.calls()).filter((call) => call.includes(' start '))).toEqual([])
  await system.ok(ENABLED)
})

test.skipIf(!CAN_LEND)('a server that the options name is enough', async () => {
  await system.ok(`mkdir -p /etc/bootagent; echo 'OPTIONS="-L /tmp/log -S booter.example.com"' >/etc/bootagent/options`)
  await system.ok('dpkg -i --force-confold /bare.deb')
  await system.ok(ENABLED)
})

test.skipIf(!CAN_LEND)('a server that an earlier life knew is enough', async () => {
  await system.ok('mkdir -p /var/lib/bootagent; echo {} >/var/lib/bootagent/metafile.json; dpkg -i /bare.deb')
  await system.ok(ENABLED)
})

test.skipIf(!CAN_LEND)('where no systemd runs it is said what starts it, and nothing fails', async () => {
  await system.ok('rm -r /run/systemd')
  expect(await system.ok('dpkg -i /told.deb')).toContain('To start it: bootagent start')
  expect((await system.calls()).filter((call) => !call.includes('preset'))).toEqual([])
})

test.skipIf(!CAN_LEND)(
  'an upgrade stops no agent: BootAgent is started again, and its guard takes the new executable over',
  async () => {
    await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS} dpkg -i /newer.deb`)
    expect(await system.calls()).toEqual(['systemctl --system daemon-reload', 'bootagent restart'])
  },
)

test.skipIf(!CAN_LEND)(
  'an upgrade that BootAgent refuses is one for dpkg all the same, and it is said that the one before goes on',
  async () => {
    const said = await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS} touch /refuse; dpkg -i /newer.deb`)
    expect(said).toContain('it would not')
    expect(said).toContain('the one before goes on')
    expect(await system.ok("dpkg-query -W -f '${Status} ${Version}' bootagent")).toBe('install ok installed 1.1.0-1')
  },
)

test.skipIf(!CAN_LEND)('an upgrade that the guard refuses is told: what runs is asked, and not taken for done', async () => {
  const said = await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS} touch /other; dpkg -i /newer.deb`)
  expect(said).toContain('the one before goes on')
})

test.skipIf(!CAN_LEND)('settings that somebody changed outlive an upgrade and a removal', async () => {
  await system.ok('dpkg -i /told.deb')
  await system.ok(`echo '{"step":60}' >/etc/bootagent/bootagent.json; dpkg -i /newer.deb; dpkg -r bootagent`)
  expect(await system.ok('cat /etc/bootagent/bootagent.json')).toBe('{"step":60}\n')
})

test.skipIf(!CAN_LEND)('a removal stops agents first, then BootAgent, then what is left of them in scopes', async () => {
  await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS} dpkg -r bootagent`)
  expect(await system.calls()).toEqual([
    'bootagent stop --drain',
    'systemctl stop bootagent.service',
    'systemctl stop bootagent.slice bootagent-*.scope',
    'systemctl --system daemon-reload',
  ])
})

test.skipIf(!CAN_LEND)(
  'a removal keeps the data, and forgets the executables that a later install must not start with',
  async () => {
    await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS} dpkg -r bootagent`)
    expect(await system.ok('ls -A /var/lib/bootagent')).toBe('agents\nmetafile.json\n')
  },
)

test.skipIf(!CAN_LEND)(
  'a removal where nobody answers is a removal all the same, and tells of agents that it could not stop',
  async () => {
    await system.ok('rm -r /run/systemd')
    const said = await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS} touch /refuse; dpkg -r bootagent`)
    expect(said).toContain('agents that run were not stopped')
  },
)

test.skipIf(!CAN_LEND)('a purge leaves nothing behind', async () => {
  await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS} echo x >/var/log/bootagent/bootagent.log; dpkg -P bootagent`)
  expect(system.added(/boota[^/]*$/)).toEqual([])
})

test.skipIf(!CAN_LEND)('a purge does not delete what an agent has mounted below its data', async () => {
  const kept = await system.ok(`dpkg -i /told.deb; ${BOOTAGENT_RUNS}
    mkdir -p /elsewhere /var/lib/bootagent/agents/shipper/data
    mount -t tmpfs none /elsewhere; echo precious >/elsewhere/file
    mount --bind /elsewhere /var/lib/bootagent/agents/shipper/data
    dpkg -P bootagent && cat /elsewhere/file`)
  expect(kept).toContain('was left as it is')
  expect(kept).toContain('precious')
})
