import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMachine, type Machine } from '../machine/machine.ts'
import { MOUNT_SHELF, SHELF } from '../machine/shelf.ts'
import { SERVER_DEB } from '../packages/packages.ts'
import { RUN_DIRECTORY } from '../run-directory.ts'

let directory: string
let machine: Machine

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'bootagent-vm-server-'))
  const shelf = { file: join(RUN_DIRECTORY, 'shelf.img'), format: 'raw', readonly: true } as const
  machine = await createMachine({
    directory,
    console: join(RUN_DIRECTORY, 'consoles', 'server.log'),
    uuid: randomUUID(),
    disks: [shelf],
  })
  await machine.start()
  await machine.sh(MOUNT_SHELF)
})

afterAll(async () => {
  await machine.end()
  rmSync(directory, { recursive: true })
})

const ANSWERS = 'until bootfleet hosts >/dev/null 2>&1; do sleep 1; done'

test('apt installs the server’s .deb: it is a service of a user of its own, which answers on this host', async () => {
  await machine.sh(`apt-get install -y ${SHELF}/${SERVER_DEB} 2>&1`)
  expect(await machine.sh('systemctl is-active bootserver; systemctl is-enabled bootserver')).toBe('active\nenabled')
  await machine.sh(ANSWERS)
  expect(
    await machine.sh(
      'stat --format %U /proc/$(systemctl show --property MainPID --value bootserver); stat --format %a:%U /var/lib/bootserver',
    ),
  ).toBe('bootserver\n700:bootserver')
})

test('in its sandbox it takes and hands out a package', async () => {
  await machine.sh('head -c 3000000 /dev/urandom >/tmp/tool-1.0.0.tar.gz; bootfleet publish /tmp/tool-1.0.0.tar.gz --exec tool')
  expect(await machine.sh('bootfleet packages')).toContain('tool')
  const said = await machine.sh('journalctl --unit bootserver --grep "EPERM|not permitted|denied|Failed" --output cat || true')
  expect(said.replace(/^-- No entries --$/m, '')).toBe('')
})

test('with a token it listens for hosts, and operators need the token', async () => {
  await machine.sh(`
(umask 077; head -c 32 /dev/urandom | base64 >/etc/bootserver/token)
chown root:bootserver /etc/bootserver/token; chmod 640 /etc/bootserver/token
echo 'OPTIONS="--listen 0.0.0.0:8180 --token-file /etc/bootserver/token"' >/etc/bootserver/options
systemctl restart bootserver
until bootfleet hosts --token-file /etc/bootserver/token >/dev/null 2>&1; do sleep 1; done`)
  expect(await machine.run('bootfleet hosts')).not.toMatchObject({ code: 0 })
  expect(await machine.sh('bootfleet packages --token-file /etc/bootserver/token')).toContain('tool')
})

test('installed again over itself it is started anew, with its data and its settings', async () => {
  const before = await machine.sh('systemctl show --property MainPID --value bootserver')
  await machine.sh(`apt-get install -y --reinstall ${SHELF}/${SERVER_DEB} 2>&1`)
  expect(await machine.sh('systemctl show --property MainPID --value bootserver')).not.toBe(before)
  await machine.sh('until bootfleet packages --token-file /etc/bootserver/token | grep -q tool; do sleep 1; done')
})

test('apt purges it: no process, no unit and no file of it is left', async () => {
  await machine.sh('apt-get purge -y bootserver 2>&1')
  expect(
    await machine.sh(`pgrep --list-full bootserver || true; systemctl list-units --all --no-legend --plain 'bootserver*'`),
  ).toBe('')
  expect(
    await machine.sh('ls -d /var/lib/bootserver /etc/bootserver /usr/bin/boot* /etc/systemd/system/*/boot* 2>/dev/null || true'),
  ).toBe('')
})
