import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { fakeBuild } from './fake-build.ts'
import { BOOTAGENT_RUNS, CAN_LEND, type OwnSystem, ownSystem } from './own-system.ts'
import { runPackage } from './run-package.ts'

let directory: string
let tarball: Buffer
let deb: Buffer
let system: OwnSystem

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-tar-test-'))
  fakeBuild(directory, { version: '1.0.0', servers: 'booter.example.com' })
  const made = await runPackage(directory, 'BootAgent', '1.0.0', '--only', 'deb,tar.gz')
  tarball = readFileSync(made['tar.gz'] ?? '')
  deb = readFileSync(made['deb'] ?? '')
})
afterAll(() => rmSync(directory, { recursive: true }))

beforeEach(async () => {
  system = ownSystem({ systemd: true })
  if (!CAN_LEND) return
  system.put('/tar.gz', tarball)
  system.put('/deb', deb)
  await system.ok('mkdir /unpacked; tar -xzf /tar.gz -C /unpacked')
})
afterEach(() => system.remove())

test.skipIf(!CAN_LEND)('a tarball installs what the packages install, and starts it where it knows a server', async () => {
  await system.ok('/unpacked/install.sh')
  await system.ok('cmp /unpacked/usr/lib/bootagent/bootagent /usr/lib/bootagent/bootagent; test -x /usr/bin/bootagent')
  expect(await system.calls()).toEqual(['systemctl daemon-reload', 'systemctl --quiet enable --now bootagent.service'])
})

test.skipIf(!CAN_LEND)(
  'installed again over a BootAgent that runs it stops nothing, and leaves settings as they are',
  async () => {
    await system.ok(`/unpacked/install.sh; echo 'OPTIONS="-l debug"' >/etc/bootagent/options; ${BOOTAGENT_RUNS}`)
    expect(await system.ok('/unpacked/install.sh')).toContain('/etc/bootagent/options.new')
    expect(await system.ok('cat /etc/bootagent/options')).toBe('OPTIONS="-l debug"\n')
    expect(await system.calls()).toEqual(['systemctl daemon-reload', 'bootagent restart'])
  },
)

test.skipIf(!CAN_LEND)('what a package manager has installed is left to it', async () => {
  const { said, code } = await system.run('dpkg -i /deb >/dev/null; /unpacked/install.sh')
  expect({ said, code }).toEqual({ said: expect.stringContaining('apt installs and removes that one'), code: 1 })
})

test.skipIf(!CAN_LEND)('it is removed with its agents stopped and their data kept', async () => {
  await system.ok(`/unpacked/install.sh; ${BOOTAGENT_RUNS} /unpacked/uninstall.sh`)
  expect(await system.calls()).toEqual([
    'bootagent stop --drain',
    'systemctl stop bootagent.service',
    'systemctl --quiet disable bootagent.service',
    'systemctl stop bootagent.slice bootagent-*.scope',
    'systemctl daemon-reload',
  ])
  expect(await system.ok('ls -A /var/lib/bootagent')).toBe('agents\nmetafile.json\n')
  await system.ok('test ! -e /usr/lib/bootagent -a -e /etc/bootagent/options')
})

test.skipIf(!CAN_LEND)('removed with --purge it leaves nothing behind', async () => {
  await system.ok(`/unpacked/install.sh; ${BOOTAGENT_RUNS} /unpacked/uninstall.sh --purge; rm -r /unpacked`)
  expect(system.added(/boota[^/]*$/)).toEqual([])
})

test.skipIf(!CAN_LEND)('below DESTDIR it lays out files, and starts and asks nothing', async () => {
  await system.ok('DESTDIR=/image /unpacked/install.sh; test -x /image/usr/lib/bootagent/guard -a ! -e /usr/lib/bootagent')
  expect(await system.calls()).toEqual([])
})
