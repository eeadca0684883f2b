import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXPORTER, publishExporter } from '../agents.ts'
import { SHELF } from '../machine/shelf.ts'
import { debOf, VERSIONS } from '../packages/packages.ts'
import { PACE, openStage, type Stage } from '../stage.ts'

let stage: Stage
let before: readonly string[]

beforeAll(async () => {
  stage = await openStage('package')
  await publishExporter(stage.fleet)
  await stage.start()
  before = await filesInGuest()
})

afterAll(() => stage.end())

test('apt installs the .deb on a host without Node; with no server known nothing is started, and it says what to do', async () => {
  const said = await stage.machine.sh(`apt-get install -y ${SHELF}/${debOf(VERSIONS.first)} 2>&1`)
  expect(said).toContain('no control server is built in')
  expect(await stage.machine.sh('bootagent -V')).toContain(VERSIONS.first)
  expect(await stage.machine.run('systemctl is-active bootagent')).toMatchObject({ stdout: 'inactive\n' })
  expect(await stage.machine.run('ls /var/lib/bootagent')).toMatchObject({ code: 2 })
})

test('it is not broken by the host’s own check of packages', async () => {
  expect(await stage.machine.sh('dpkg --verify bootagent; dpkg --audit')).toBe('')
  expect(await stage.machine.sh('systemd-analyze verify --man=no --recursive-errors=yes bootagent.service 2>&1')).toBe('')
})

test('told its server by -S, it is a service that is up, starts at boot, and is known to the server', async () => {
  await stage.begin()
  expect(await stage.machine.sh('systemctl is-active bootagent; systemctl is-enabled bootagent')).toBe('active\nenabled')
  const host = await stage.host()
  expect(host).toMatchObject({ agentsn: stage.machine.uuid, hostname: 'vm', step: PACE.step })
  expect(host.version).toContain(VERSIONS.first)
  expect(await stage.machine.sh('stat --format %a:%U:%G /var/lib/bootagent /run/bootagent/control.sock')).toBe(
    '700:root:root\n600:root:root',
  )
})

test('-T finds nothing wrong with this host', async () => {
  const { code, stdout } = await stage.machine.run('bootagent -T')
  expect(stdout.split('\n').filter((line) => line.includes('FAIL'))).toEqual([])
  expect(stdout).toContain('Success')
  expect(code).toBe(0)
})

test('a newer .deb by apt: the new BootAgent runs, and neither agent nor server notices more than that', async () => {
  expect(await stage.ended(await stage.order('install', EXPORTER))).toMatchObject({ errcode: 0 })
  const agent = await stage.pidOf(EXPORTER)
  await stage.machine.sh(`apt-get install -y ${SHELF}/${debOf(VERSIONS.second)} 2>&1`)
  const host = await stage.until(({ version }) => version.includes(VERSIONS.second))
  expect(host.agents).toMatchObject([{ name: EXPORTER, status: 'running', pid: agent, restarts: 0 }])
  expect(await stage.machine.sh('bootagent -V')).toContain(VERSIONS.second)
  expect(await stage.machine.sh('systemctl is-active bootagent')).toBe('active')
})

test('apt removes it: its agents are stopped, its service is gone, and what it knew is kept', async () => {
  await stage.machine.sh('apt-get remove -y bootagent 2>&1')
  expect(await processes()).toEqual([])
  expect(await stage.machine.run('systemctl is-active bootagent')).toMatchObject({ stdout: 'inactive\n' })
  expect(await stage.machine.sh('ls /usr/bin/bootagent /usr/lib/bootagent 2>&1 || true')).not.toMatch(/^\//m)
  await stage.machine.sh('test -s /var/lib/bootagent/metafile.json -a -s /etc/bootagent/options')
})

test('installed again, it is the host that it was, and its agent is there', async () => {
  const { agents } = await stage.host()
  await stage.machine.sh(`apt-get install -y ${SHELF}/${debOf(VERSIONS.first)} 2>&1`)
  const since = Date.now() / 1000
  const now = await stage.until(({ seen = 0 }) => seen > since)
  expect(now.agents).toMatchObject([{ name: EXPORTER, release: agents[0]?.release }])
  expect(JSON.parse(await stage.fleet.bootfleet('hosts', '--json'))).toMatchObject({ hosts: [{ agentsn: stage.machine.uuid }] })
})

test('apt purges it: no process, no unit and no file of it is left', async () => {
  await stage.machine.sh('apt-get purge -y bootagent 2>&1')
  expect(await processes()).toEqual([])
  expect(await stage.machine.sh(`systemctl list-units --all --no-legend --plain 'bootagent*'`)).toBe('')
  const left = (await filesInGuest()).filter((path) => !before.includes(path))
  expect(left).toEqual([])
})

/** Command lines of what is of BootAgent, or was started by it. */
async function processes(): Promise<string[]> {
  const { stdout } = await stage.machine.run(
    `for each in /proc/[0-9]*; do tr '\\0' '\\n' <$each/environ | grep -q ^BOOTAGENT_ && tr '\\0' ' ' <$each/cmdline && echo; done 2>/dev/null
pgrep --list-full 'bootagent|guard' || true`,
  )
  return stdout.split('\n').filter(Boolean)
}

/** Every path of the disk, but for what the system's own programs keep for themselves. */
async function filesInGuest(): Promise<string[]> {
  const own = [
    '/var/log',
    '/var/cache/apt',
    '/var/cache/ldconfig',
    '/var/lib/dpkg',
    '/var/lib/apt',
    '/tmp',
    '/var/tmp',
    '/var/lib/systemd/timers',
    SHELF,
  ]
  const prune = own.map((path) => `-path ${path}`).join(' -o ')
  return (await stage.machine.sh(`sync; find / -xdev \\( ${prune} \\) -prune -o -print`)).split('\n')
}
