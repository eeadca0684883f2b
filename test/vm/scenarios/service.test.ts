import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CPU_BURNER, MEMORY_HOG } from '../../../packages/bootagent/test/limits/programs.ts'
import { ASK_EXPORTER, EXPORTER, publishAgent, publishExporter } from '../agents.ts'
import { openStage, runsSince, type Stage } from '../stage.ts'

/** It must outlive its trial, and only then do wrong. */
const WHEN_TOLD = 'until [ -e "$BOOTAGENT_DATA/eat" ]; do sleep 0.2; done'

let stage: Stage

beforeAll(async () => {
  stage = await openStage('service')
  await publishExporter(stage.fleet)
  await publishAgent(stage.fleet, { name: 'hungry', version: '1.0.0', script: `${WHEN_TOLD}; ${MEMORY_HOG}` })
  await publishAgent(stage.fleet, { name: 'busy', version: '1.0.0', script: `while :; do ${CPU_BURNER}; done` })
  await stage.start()
  await stage.install()
})

afterAll(() => stage.end())

test('Debian’s own node exporter becomes an agent by a job, and answers in the guest', async () => {
  const settings = `${stage.fleet.directory}/settings.json`
  writeFileSync(settings, JSON.stringify({ restart: { delay: 1, check: 3600 } }))
  const job = await stage.order('install', EXPORTER, '--settings', settings)
  expect(await stage.ended(job)).toMatchObject({ state: 'succeeded', errcode: 0 })
  expect(stage.results(job)).toHaveLength(1)
  expect(await stage.machine.sh(ASK_EXPORTER)).toContain('node_exporter_build_info')
})

test('it runs in a scope of systemd’s own, beside the service and not in it', async () => {
  const pid = await stage.pidOf(EXPORTER)
  expect(await groupOf(pid)).toMatch(/^\/bootagent\.slice\/bootagent-[0-9a-f]{8}-.*\.scope$/)
  const listed = await stage.machine.sh(`systemctl list-units --no-legend --plain 'bootagent-*.scope'`)
  expect(listed.split('\n')).toEqual([expect.stringMatching(/^bootagent-[0-9a-f]{8}-\S*\.scope +loaded +active +running/)])
  expect(await stage.machine.sh('systemctl show --property ControlGroup --value bootagent')).toBe(
    '/system.slice/bootagent.service',
  )
  expect(JSON.parse(await stage.machine.sh('bootagent status --json'))).toMatchObject({ limits: { kind: 'systemd' } })
})

test('an agent that takes more memory than it may is killed by the kernel, and the server hears of which', async () => {
  const memory = ['--memory', '20M']
  const job = await stage.order('install', 'hungry', ...memory)
  expect(await stage.ended(job)).toMatchObject({ errcode: 0 })
  await stage.machine.sh('touch /var/lib/bootagent/agents/hungry/data/eat')
  const { agents } = await stage.until((host) => host.agents.some(({ name, status }) => name === 'hungry' && status === 'killed'))
  expect(agents.find(({ name }) => name === 'hungry')).toMatchObject({ status: 'killed', cause: 'oom' })
  expect(await stage.machine.sh('dmesg')).toMatch(/oom-kill:.*constraint=CONSTRAINT_MEMCG.*bootagent-[0-9a-f]{8}-/)
  expect(await stage.fleet.bootfleet('events', '--host', stage.machine.uuid, '--category', 'agent-killed')).toContain('hungry')
  await stage.ended(await stage.order('uninstall', 'hungry'))
})

test('an agent that would take a whole core is held to its share, by the kernel’s own count', async () => {
  const job = await stage.order('install', 'busy', '--cpu', '10%')
  expect(await stage.ended(job)).toMatchObject({ errcode: 0 })
  const group = `/sys/fs/cgroup${await groupOf(await stage.pidOf('busy'))}`
  expect(await stage.machine.sh(`cat ${group}/cpu.max`)).toBe('10000 100000')
  const {
    nr_periods = 0,
    nr_throttled = 0,
    usage_usec = 0,
  } = await countsOf(
    `until [ "$(sed -n 's/^nr_throttled //p' ${group}/cpu.stat)" -gt 30 ]; do sleep 0.5; done; cat ${group}/cpu.stat`,
  )
  expect(nr_throttled).toBeGreaterThan(30)
  // Of each 100 ms 10; a period may be exceeded by a tick for each core, and is made up for.
  expect(usage_usec / (nr_periods + 1)).toBeLessThan(50_000)
  await stage.ended(await stage.order('uninstall', 'busy'))
})

// Looked for by itself it would be only after `check`, an hour.
test('killed with all that watches over it, an agent is known to have ended, and comes back by the policy', async () => {
  const pid = await stage.pidOf(EXPORTER)
  const scope = (await groupOf(pid)).split('/').at(-1)
  await stage.machine.sh(`systemctl kill --signal KILL --kill-who all ${scope}`)
  const { agents } = await stage.until((host) => runsSince(host, 0) && host.agents[0]?.pid !== pid)
  expect(agents).toMatchObject([{ name: EXPORTER, restarts: 1 }])
})

test('systemctl restart bootagent: another BootAgent, and no agent notices', async () => {
  const [agent, daemon] = [await stage.pidOf(EXPORTER), await daemonPid()]
  await stage.machine.sh('systemctl restart bootagent')
  expect(await daemonPid()).not.toBe(daemon)
  expect(await stage.pidOf(EXPORTER)).toBe(agent)
  const { agents } = await stage.until((host) => host.agents[0]?.pid === agent)
  expect(agents).toMatchObject([{ name: EXPORTER, status: 'running', restarts: 1 }])
})

test('killed, with the guard that keeps it, BootAgent is started again by systemd, and no agent notices', async () => {
  const [agent, daemon] = [await stage.pidOf(EXPORTER), await daemonPid()]
  await stage.machine.sh(
    `systemctl kill --signal KILL --kill-who all bootagent; until bootagent status --json 2>/dev/null | grep -q '"running": *true'; do sleep 0.2; done`,
  )
  expect(await daemonPid()).not.toBe(daemon)
  expect(await stage.pidOf(EXPORTER)).toBe(agent)
  expect(await stage.machine.sh('systemctl is-active bootagent')).toBe('active')
})

test('killed alone, BootAgent is started again by its guard, and no agent notices', async () => {
  const [agent, daemon, guard] = [await stage.pidOf(EXPORTER), await daemonPid(), await guardPid()]
  await stage.machine.sh(
    `kill -KILL ${daemon}; until bootagent status --json 2>/dev/null | grep -q '"running": *true'; do sleep 0.2; done`,
  )
  expect(await daemonPid()).not.toBe(daemon)
  expect(await guardPid()).toBe(guard)
  expect(await stage.pidOf(EXPORTER)).toBe(agent)
})

test('after a reboot all is back: the service, the agent, and the server’s picture of both', async () => {
  const before = await stage.host()
  const strikes = await stage.machine.sh(STRIKES)
  await stage.machine.reboot()
  const since = Date.now() / 1000
  const { agents } = await stage.until((host) => runsSince(host, since))
  // A reboot is nobody's failure.
  expect(agents).toMatchObject([{ name: EXPORTER, status: 'running', restarts: 1, release: before.agents[0]?.release }])
  // The server may hear of it before systemd does: to start it is to wait until it has.
  await stage.machine.sh('systemctl start bootagent')
  expect(await stage.machine.sh('systemctl is-active bootagent')).toBe('active')
  expect(await stage.machine.sh(STRIKES)).toBe(strikes)
  expect(await stage.machine.sh(ASK_EXPORTER)).toContain('node_exporter_build_info')
})

test('nothing of all this has made a unit fail', async () => {
  expect(await stage.machine.sh('systemctl --failed --no-legend')).toBe('')
})

const STRIKES = `grep '"strikes"' /var/lib/bootagent/metafile.json`

/** Where the process is in the one tree of control groups. */
async function groupOf(pid: number): Promise<string> {
  return (await stage.machine.sh(`cat /proc/${pid}/cgroup`)).replace(/^0::/, '')
}

/** The guard is the service's main process. */
async function guardPid(): Promise<number> {
  return Number(await stage.machine.sh('systemctl show --property MainPID --value bootagent'))
}

async function daemonPid(): Promise<number> {
  return Number(await stage.machine.sh(`pgrep --parent ${await guardPid()} --full '/self/[ab]/bootagent '`))
}

/** `NAME NUMBER`, one a line. */
async function countsOf(script: string): Promise<Readonly<Record<string, number>>> {
  const lines = (await stage.machine.sh(script)).split('\n').map((line) => line.split(' '))
  return Object.fromEntries(lines.map(([name = '', value]) => [name, Number(value)]))
}
