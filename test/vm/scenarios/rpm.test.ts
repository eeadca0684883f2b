import { afterAll, beforeAll, expect, test } from 'vitest'
import { EXPORTER, publishExporter } from '../agents.ts'
import { SHELF } from '../machine/shelf.ts'
import { rpmOf, VERSIONS } from '../packages/packages.ts'
import { openStage, type Stage } from '../stage.ts'

let stage: Stage

beforeAll(async () => {
  stage = await openStage('rpm')
  await publishExporter(stage.fleet)
  await stage.start()
})

afterAll(() => stage.end())

// Debian's rpm does all that an rpm-based host's does, but knows none of Debian's packages: what the .rpm needs is not looked up.
const RPM = 'rpm --force-debian --nodeps'

test('rpm installs the .rpm and runs its scripts; told its server, it is a service that is up', async () => {
  expect(await stage.machine.sh(`${RPM} --install ${SHELF}/${rpmOf(VERSIONS.first)} 2>&1`)).toContain(
    'no control server is built in',
  )
  expect(await stage.machine.sh('rpm --query --queryformat %{VERSION}-%{RELEASE} BootAgent')).toBe(`${VERSIONS.first}-1`)
  expect(await stage.machine.sh('rpm --verify --nodeps BootAgent')).toBe('')
  await stage.begin()
  expect(await stage.machine.sh('systemctl is-active bootagent')).toBe('active')
  expect(await stage.ended(await stage.order('install', EXPORTER))).toMatchObject({ errcode: 0 })
})

test('a newer .rpm: the new BootAgent runs, and its agent notices nothing', async () => {
  const agent = await stage.pidOf(EXPORTER)
  await stage.machine.sh(`${RPM} --upgrade ${SHELF}/${rpmOf(VERSIONS.second)} 2>&1`)
  const host = await stage.until(({ version }) => version.includes(VERSIONS.second))
  expect(host.agents).toMatchObject([{ name: EXPORTER, status: 'running', pid: agent, restarts: 0 }])
})

test('rpm erases it: its agents are stopped, its files are gone, and what it knew is kept', async () => {
  await stage.machine.sh(`${RPM} --erase BootAgent 2>&1`)
  expect(await stage.machine.run('systemctl is-active bootagent')).toMatchObject({ stdout: 'inactive\n' })
  expect(await stage.machine.run(`pgrep --full ${EXPORTER}`)).toMatchObject({ code: 1 })
  expect(await stage.machine.sh('ls /usr/bin/bootagent /usr/lib/bootagent 2>&1 || true')).not.toMatch(/^\//m)
  await stage.machine.sh('test -s /var/lib/bootagent/metafile.json')
})
