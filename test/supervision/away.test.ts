import { readFileSync } from 'node:fs'
import process from 'node:process'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import type { Line, Program } from '../../scripts/demo/program.ts'
import { type Fleet, startFleet } from '../fleet.ts'
import { holdsLimits } from './kernel-limits.ts'
import { type Planted, plantAgents } from './plant-agents.ts'
import { isReport, metafileIn, publishPuppet, startPuppetHost } from './puppet-host.ts'
import { tieStrings } from './puppet.ts'

let fleet: Fleet

beforeAll(async () => {
  fleet = await startFleet()
  await publishPuppet(fleet, '1.0.0')
})

afterAll(() => fleet.end())

test('three ends while the server is away, and BootAgent killed in between: it hears of each once, in order', async () => {
  const host = await startPuppetHost(fleet, 'cut-off')
  await host.deliver({ action: 'install', version: '1.0.0', settings: { restart: { delay: 0, strikes: 10 } } })
  await fleet.server.stop('SIGKILL')

  const startedAgain = host.daemon.nextLine(({ kind }) => kind === 'agent-started')
  host.tell('exit 3')
  await host.daemon.line((line) => codeOf(line) === 3)
  await startedAgain
  await host.kill()
  host.tell('exit 4')
  await host.start()
  await host.daemon.line((line) => codeOf(line) === 4)
  host.tell('exit 5')
  await host.daemon.line((line) => codeOf(line) === 5)

  await fleet.restartServer('SIGKILL')
  await host.daemon.nextLine(isReport)
  const events = await host.events()
  const codes = await Promise.all(events.map(async ({ id }) => (await host.event(id)).extra?.['code']))
  expect(events.map(({ category }) => category)).toEqual(['agent-exit', 'agent-exit', 'agent-exit'])
  expect(codes).toEqual([5, 4, 3])
  await host.daemon.nextLine(isReport)
  expect(await host.events()).toHaveLength(3)
  expect((await host.told(({ agents }) => agents[0]?.status === 'running')).agents).toMatchObject([{ restarts: 3 }])
})

/** How agents end while nobody is there, and what is to be told of each. */
const FATES = {
  killed: {
    end: ({ pid }: Alive) => process.kill(pid, 'SIGKILL'),
    exit: { cause: 'signal', signal: 'SIGKILL' },
    status: 'stoped',
  },
  coded: { end: ({ tell }: Alive) => tell('exit 7'), exit: { cause: 'exit-code', code: 7 }, status: 'stoped' },
  rested: { end: ({ tell }: Alive) => tell('exit 0'), exit: { code: 0, abnormal: false }, status: 'stoped' },
  hungry: { end: ({ tell }: Alive) => tell('hog'), exit: { cause: 'oom', signal: 'SIGKILL' }, status: 'killed' },
  // With its shim, and so without a witness.
  unseen: {
    end: ({ pid }: Alive) => [parentOf(pid), pid].forEach((each) => process.kill(each, 'SIGKILL')),
    exit: { cause: 'lost' },
    status: 'stoped',
  },
} as const
type Fate = keyof typeof FATES

/** One of them before its end. */
interface Alive {
  readonly pid: number
  readonly tell: (line: string) => void
}

const fates = (Object.keys(FATES) as Fate[]).filter((fate) => fate !== 'hungry' || holdsLimits())

test('BootAgent killed with 20 agents up, some of which end while it is away: the next has the others as they were, and the truth about these', async () => {
  const names = Array.from({ length: 20 }, (_, n) => fates[n - 10] ?? `calm-${n}`)
  const agents = Object.fromEntries(names.map((name) => [name, planted(name)]))
  const home = fleet.homeOf('crowded')
  plantAgents(home, fleet.url, agents)
  const doomed = fleet.startHost('crowded')
  const started = await pidsOf(doomed, 'agent-started', names)
  await doomed.stop('SIGKILL')

  for (const fate of fates) {
    const pid = started[fate] ?? Number.NaN
    FATES[fate].end({ pid, tell: (line) => agents[fate]?.strings.tell(line) })
    while (isAlive(pid)) await pause(10)
  }

  const next = fleet.startHost('crowded')
  onTestFinished(() => next.stop('SIGKILL'))
  const calm = names.filter((name) => name.startsWith('calm-'))
  expect(await pidsOf(next, 'agent-adopted', calm)).toEqual(Object.fromEntries(calm.map((name) => [name, started[name]])))
  for (const fate of fates) {
    const { exit } = await next.line(({ kind, name }) => kind === 'agent-exited' && name === fate)
    expect(exit, fate).toMatchObject(FATES[fate].exit)
  }
  await next.nextLine(isReport)
  await next.nextLine(isReport)
  const reported = (await fleet.host('crowded')).agents
  const status = (name: string) => (calm.includes(name) ? 'running' : FATES[name as Fate].status)
  expect(reported.map(({ name, status: is }) => [name, is])).toEqual(names.map((name) => [name, status(name)]))
  // None of them was started a second time, and none of those that run was touched.
  expect(reported.flatMap(({ pid }) => pid ?? [])).toEqual(names.flatMap((name) => (calm.includes(name) ? started[name] : [])))
  expect(Object.values(metafileIn(home).agents).map(({ restarts }) => restarts)).toEqual(names.map(() => 0))
})

function planted(name: string): Planted {
  const strings = tieStrings(`${fleet.directory}/${name}.pipe`)
  onTestFinished(() => strings.cut())
  const restart = { delay: 3600, ...(name === 'rested' ? { exitCodes: [0] } : {}) }
  return { strings, restart, ...(name === 'hungry' ? { limits: { memory: '20M' } } : {}) }
}

async function pidsOf(daemon: Program, kind: string, names: readonly string[]): Promise<Record<string, number>> {
  const lines = await Promise.all(names.map((name) => daemon.line((line) => line['kind'] === kind && line['name'] === name)))
  return Object.fromEntries(lines.map((line) => [String(line['name']), Number(line['pid'])]))
}

function codeOf({ exit }: Line): unknown {
  return (exit as { code?: number } | undefined)?.code
}

function parentOf(pid: number): number {
  const parent = Number(statOf(pid)[1])
  if (!(parent > 1)) throw new Error(`process ${pid} has no shim to be killed with it`)
  return parent
}

/** A zombie is dead: who reaps it is slow here. */
function isAlive(pid: number): boolean {
  const [state = 'X'] = statOf(pid)
  return !'ZX'.includes(state)
}

/** What follows the name in /proc/PID/stat; empty for one that is gone. */
function statOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? []
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
