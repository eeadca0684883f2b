import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { fakeBuild } from './fake-build.ts'
import { BOOTAGENT_RUNS, CAN_LEND, type OwnSystem, ownSystem } from './own-system.ts'
import { runPackage } from './run-package.ts'

let directory: string
const rpms: Record<string, string> = {}
let system: OwnSystem

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-rpm-test-'))
  for (const [name, facts] of Object.entries({
    bare: { version: '1.0.0' },
    told: { version: '1.0.0', servers: 'booter.example.com' },
    newer: { version: '1.1.0' },
  })) {
    fakeBuild(join(directory, name), facts)
    rpms[name] = (await runPackage(join(directory, name), 'BootAgent', facts.version, '--only', 'rpm'))['rpm'] ?? ''
  }
})
afterAll(() => rmSync(directory, { recursive: true }))

beforeEach(() => {
  system = ownSystem({ systemd: true })
  for (const [name, path] of Object.entries(rpms)) system.put(`/${name}.rpm`, readFileSync(path))
})
afterEach(() => system.remove())

/** What it needs is here as packages of dpkg's, which rpm does not know of. */
const RPM = 'rpm --force-debian --nodeps'

test.skipIf(!CAN_LEND)('an rpm that knows no server starts nothing, and says what to do', async () => {
  expect(await system.ok(`${RPM} -i /bare.rpm`)).toContain('none is named in /etc/bootagent/options')
  expect((await system.calls()).join()).not.toMatch(/start|enable/)
})

test.skipIf(!CAN_LEND)('an rpm with servers built in is started, now and at each boot', async () => {
  await system.ok(`${RPM} -i /told.rpm`)
  expect(await system.calls()).toEqual([
    'systemctl daemon-reload',
    'systemctl --quiet enable bootagent.service',
    'systemctl start bootagent.service',
  ])
})

test.skipIf(!CAN_LEND)(
  'an upgrade by rpm stops no agent: BootAgent is started again, and its guard takes the new executable over',
  async () => {
    await system.ok(`${RPM} -i /told.rpm; ${BOOTAGENT_RUNS} ${RPM} -U /newer.rpm`)
    expect(await system.calls()).toEqual(['systemctl daemon-reload', 'bootagent restart', 'systemctl daemon-reload'])
  },
)

test.skipIf(!CAN_LEND)(
  'an upgrade by rpm that BootAgent refuses is one for rpm all the same, and it is said that the one before goes on',
  async () => {
    const said = await system.ok(`${RPM} -i /told.rpm; ${BOOTAGENT_RUNS} touch /refuse; ${RPM} -U /newer.rpm`)
    expect(said).toContain('the one before goes on')
    expect(await system.ok('rpm -q BootAgent')).toMatch(/^BootAgent-1\.1\.0-1\./m)
  },
)

test.skipIf(!CAN_LEND)(
  'a removal by rpm stops agents, BootAgent and scopes, keeps the data and forgets the executables',
  async () => {
    await system.ok(`${RPM} -i /told.rpm; ${BOOTAGENT_RUNS} ${RPM} -e BootAgent`)
    expect(await system.calls()).toEqual([
      'bootagent stop --drain',
      'systemctl stop bootagent.service',
      'systemctl --quiet disable bootagent.service',
      'systemctl stop bootagent.slice bootagent-*.scope',
      'systemctl daemon-reload',
    ])
    expect(await system.ok('ls -A /var/lib/bootagent')).toBe('agents\nmetafile.json\n')
  },
)
